/** What keeps a remote network from being made: an error that names host, cause and remedy, and nothing is left. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePorts } from "../../src/deploy/nodes/ports.ts";
import { testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";
import {
  expectRefusal,
  openRemoteSetting,
  type Refusal,
  type RemoteHosts,
  type RemoteSetting,
  startRemoteHosts,
} from "./refusal-setting.ts";

describe.skipIf(whyNoTestHosts !== undefined)(`a remote network is refused ${whyNoTestHosts ?? ""}`, () => {
  let fleet: RemoteHosts;
  beforeAll(async () => {
    fleet = await startRemoteHosts();
  }, testHostsLimitMs);
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const expectRefused = (refusal: Refusal) => expectRefusal(fleet, refusal);
  const at = (index: number) => {
    const { user, address, sshPort } = fleet.hosts[index] as RemoteHosts["hosts"][number];
    return `${user}@${address}:${sshPort}`.replaceAll(".", "\\.");
  };
  const reported = (text: string) => new RegExp(`^error: ${text}$`);

  describe("because of the way there:", () => {
    test("an unknown name", () =>
      expectRefused({
        lines: { MYSTICETI_NODE1_HOST: "no-such-host.invalid" },
        diagnostics: [
          /^error: Cannot reach host1 \(ubuntu@no-such-host\.invalid:22\) over SSH .*: there is no host of that name\. Check its address/,
        ],
      }));

    test("a port that refuses", async () => {
      const [port] = await findFreePorts(1, "127.0.0.1");
      await expectRefused({
        lines: { MYSTICETI_NODE1_HOST: "127.0.0.1", MYSTICETI_NODE1_SSH_PORT: String(port) },
        diagnostics: [
          reported(
            `Cannot reach host1 \\(ubuntu@127\\.0\\.0\\.1:${port}\\) over SSH within 30 s: connection refused\\. Check its address and port, and that sshd runs\\.`,
          ),
        ],
      });
    });

    test.each<[string, (socket: Socket) => unknown, string]>([
      ["is silent", () => {}, "no SSH server answers\\. Check .* firewall"],
      [
        "speaks HTTP",
        (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
        "the connection was closed",
      ],
      ["speaks SMTP", (socket) => socket.write("220 mail ESMTP\r\n"), "no SSH server answers\\. Check "],
      [
        "speaks in tongues",
        (socket) => socket.write(Buffer.alloc(9000, 7)),
        "the program that answers is not an",
      ],
      [
        "is from 1995",
        (socket) => socket.write("SSH-1.5-old\r\n"),
        "the program that answers is not an SSH server",
      ],
    ])("a port that %s", async (_, speak, why) => {
      const server = createServer((socket) => {
        socket.on("error", () => {});
        speak(socket);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      try {
        await expectRefused({
          lines: { MYSTICETI_NODE1_HOST: "127.0.0.1", MYSTICETI_NODE1_SSH_PORT: String(port) },
          args: ["--ssh-timeout=1"],
          diagnostics: [
            new RegExp(
              `^error: Cannot reach host1 \\(ubuntu@127\\.0\\.0\\.1:${port}\\) over SSH within 1 s: ${why}`,
            ),
          ],
        });
      } finally {
        server.close();
      }
    });

    test("two hosts with a fault each, and an option with a third", () =>
      expectRefused({
        lines: { MYSTICETI_NODE0_HOST: "no-such-host.invalid", MYSTICETI_NODE1_SSH_KEY: "nowhere" },
        args: ["--duration=0"],
        diagnostics: [
          /^error: --duration: 0 is not above 0\./,
          /^error: .*host0 .*there is no host of that name/,
          /^error: The key \S+\/nowhere for host1 does not exist\. Name another key/,
        ],
      }));
  });

  describe("because of keys:", () => {
    /** known_hosts with another key for host 1, or none. */
    const knowHost1 = (key: (keys: readonly string[]) => string) => async (setting: RemoteSetting) => {
      const lines = fleet.knownHosts.trimEnd().split("\n");
      const names = lines.map((line) => line.split(" ", 1)[0]);
      const changed = key(lines.map((line) => line.slice(line.indexOf(" ") + 1)));
      lines[1] = changed === "" ? "# none" : `${names[1]} ${changed}`;
      await writeFile(join(setting.home, "known_hosts"), `${lines.join("\n")}\n`);
      return undefined;
    };
    const fingerprint = String.raw`ssh-ed25519 SHA256:[\w+/]{43}`;

    test("one that is not the host's any more", () =>
      expectRefused({
        arrange: knowHost1((keys) => keys[0] ?? ""),
        diagnostics: [
          reported(
            `The key of host1 \\(${at(1)}\\) has changed: it presents ${fingerprint}, which is not the one in known_hosts:2 \\(ssh-ed25519\\)\\. Someone may be intercepting the connection\\. If the host was reinstalled, remove the old key: ssh-keygen -f known_hosts -R \\S+`,
          ),
        ],
      }));

    test("a host's that nobody knows, which accept-new takes, and insecure does not look at", async () => {
      await expectRefused({
        arrange: knowHost1(() => ""),
        diagnostics: [
          reported(
            `The key of host1 \\(${at(1)}\\) is not known: ${fingerprint}\\. Compare it with the host's own \\(.*\\), then add it with --host-key-policy accept-new, or with: ssh-keyscan .* >> known_hosts`,
          ),
        ],
      });
      await using setting = await openRemoteSetting(fleet);
      const check = async (...args: string[]) => {
        const { code, stderr } = await setting.start("baleen", [
          ...["hosts", "check", "--hosts=hosts.env"],
          ...args,
        ]).ended;
        // Hosts are connected to at the same time: which warning comes first is nobody's matter.
        return [code, stderr.trimEnd().split("\n").sort().join("\n")];
      };
      await knowHost1(() => "")(setting);
      expect(await check("--host-key-policy=accept-new")).toEqual([
        0,
        expect.stringMatching(
          /^warning: The key of host1 .* was not known: .* was accepted, and added to known_hosts\.$/,
        ),
      ]);
      expect(await check()).toEqual([0, ""]);
      await knowHost1((keys) => keys[0] ?? "")(setting);
      expect(await check("--host-key-policy=accept-new")).toEqual([1, ""]);
      expect(await check("--host-key-policy=insecure")).toEqual([
        0,
        expect.stringMatching(/^warning: The key of host0 .* is not checked: .*\nwarning: The key of host1 /),
      ]);
    });

    test("a user whom the host does not let in", () =>
      expectRefused({
        lines: { MYSTICETI_NODE1_SSH_USER: "nobody" },
        diagnostics: [
          /^error: host1 \(nobody@\S+\) refused the login of nobody, who offered \S+\/key1 \(SHA256:\S+\)\. Check the user name, and /,
        ],
      }));

    test("a key that is not let in", () =>
      expectRefused({
        lines: { MYSTICETI_NODE1_SSH_KEY: "key2" },
        diagnostics: [/^error: host1 .* refused the login of ubuntu, who offered \S+\/key2 \(/],
      }));

    const files: [string, (path: string) => Promise<unknown>, RegExp][] = [
      [
        "is not there",
        async () => {},
        /^error: The key \S+\/own for host1 does not exist\. Name another key/,
      ],
      ["is a folder", (path) => mkdir(path), /^error: The key \S+\/own for host1 is a folder\. Name another/],
      [
        "is none",
        async (path) => {
          await writeFile(path, "hello\n");
          await chmod(path, 0o600);
        },
        /^error: The key \S+\/own for host1 is not a supported private key .*\. Name another key/,
      ],
      [
        "wants a passphrase, and there is no terminal",
        async (path) => {
          const argv = ["-q", "-t", "ed25519", "-N", "open sesame", "-f", path];
          expect(spawnSync("ssh-keygen", argv).status).toBe(0);
        },
        /^error: The key \S+\/own for host1 is encrypted, and there is no terminal to ask for its passphrase\. Run the command on a terminal, or add it to the agent: ssh-add /,
      ],
    ];
    test.each(files)("a key file that %s", (_, make, diagnostic) =>
      expectRefused({
        lines: { MYSTICETI_NODE1_SSH_KEY: "~/keys/own" },
        arrange: async ({ home }) => {
          await mkdir(join(home, "keys"));
          await make(join(home, "keys", "own"));
          return undefined;
        },
        diagnostics: [diagnostic],
      }),
    );
  });
});
