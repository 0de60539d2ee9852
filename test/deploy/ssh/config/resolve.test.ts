import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostRequest } from "../../../../src/contracts/hosts/host.ts";
import { parseJumps } from "../../../../src/deploy/ssh/config/config-file.ts";
import { resolveHosts } from "../../../../src/deploy/ssh/config/resolve.ts";
import { openTemporaryFolder } from "../../../support/temporary-folder.ts";

const request = (address: string, more: Partial<HostRequest> = {}): HostRequest => ({
  name: "host0",
  address,
  nodes: [0],
  ...more,
});

async function resolveWith(config: string | undefined, requests: readonly HostRequest[]) {
  return resolveHosts(requests, { home: "/home/me", localUser: "me", readFile: async () => config });
}

async function addressOf(config: string | undefined, asked: HostRequest) {
  const { hosts, diagnostics } = await resolveWith(config, [asked]);
  expect(diagnostics).toEqual([]);
  return hosts[0]?.address;
}

async function diagnosticsOf(config: string | undefined, ...requests: HostRequest[]) {
  return (await resolveWith(config, requests)).diagnostics;
}

test("without a configuration the defaults hold", async () => {
  expect(await addressOf(undefined, request("10.0.0.1"))).toEqual({
    host: "10.0.0.1",
    port: 22,
    user: "ubuntu",
    keyFiles: ["/home/me/.ssh/id_rsa"],
    jump: undefined,
  });
});

test("what the request says wins over the file", async () => {
  const config = "Host *\n User theirs\n Port 2\n IdentityFile ~/theirs\n ProxyJump theirs";
  const more = { user: "mine", port: 1, keyFile: "/mine %h", jump: "none" };
  expect(await addressOf(config, request("a", more))).toEqual({
    host: "a",
    port: 1,
    user: "mine",
    keyFiles: ["/mine %h"],
    jump: undefined,
  });
});

describe("~/.ssh/config", () => {
  test("the first value counts, and all the keys", async () => {
    const config = [
      "User before",
      "Host other",
      "  Port 1",
      "host  web* !web2",
      "\tHOSTNAME=10.0.0.5",
      "  Port = 2222 # of old",
      '  IdentityFile "~/my keys/id"',
      "Host *",
      "  User after",
      "  Port 3",
      "  IdentityFile /all",
    ].join("\n");
    expect(await addressOf(config, request("web1"))).toMatchObject({
      host: "10.0.0.5",
      port: 2222,
      user: "before",
      keyFiles: ["/home/me/my keys/id", "/all"],
    });
    expect(await addressOf(config, request("web2"))).toMatchObject({ host: "web2", port: 3 });
  });

  test("the name that was written is compared, not the one it stands for", async () => {
    const config = "Host a\n HostName b\nHost b\n Port 9";
    expect(await addressOf(config, request("a"))).toMatchObject({ host: "b", port: 22 });
  });

  test("tokens are filled in", async () => {
    const config = "Host a\n HostName %h.example\n User u\n Port 7\n IdentityFile %d/k/%n-%h-%r-%p-%u-%%";
    expect(await addressOf(config, request("a"))).toMatchObject({
      host: "a.example",
      keyFiles: ["/home/me/k/a-a.example-u-7-me-%"],
    });
    expect(await diagnosticsOf("IdentityFile %Z", request("a"))).toMatchObject([
      { code: "ssh-config-token" },
    ]);
  });

  test("a Match block has no effect, on what comes after it neither", async () => {
    const config = "Match host a\n Port 1\n User no\nHost a\n Port 2";
    expect(await addressOf(config, request("a"))).toMatchObject({ port: 2, user: "ubuntu" });
  });

  test("a port that is none is a fault that names the host", async () => {
    const [diagnostic] = await diagnosticsOf("Port 99999", request("a", { name: "first" }));
    expect(diagnostic).toMatchObject({ code: "host-port", message: expect.stringContaining("Host first:") });
    expect(await addressOf("Port 99999", request("a", { port: 5 }))).toMatchObject({ port: 5 });
  });

  test("ProxyCommand is refused, unless the request says another way", async () => {
    const config = "ProxyCommand nc %h %p";
    expect(await diagnosticsOf(config, request("a"))).toMatchObject([{ code: "host-proxy-command" }]);
    expect(await addressOf(config, request("a", { jump: "none" }))).toMatchObject({ host: "a" });
    expect(await addressOf("ProxyCommand none", request("a"))).toMatchObject({ host: "a" });
  });

  test("other files are included, within the block where that stands", async () => {
    await using home = await openTemporaryFolder();
    const ssh = join(home.path, ".ssh");
    await mkdir(join(ssh, "conf.d"), { recursive: true });
    await writeFile(
      join(ssh, "config"),
      "Include conf.d/*.conf none-such\nHost b\n Include only-b\nHost *\n Port 4",
    );
    await writeFile(join(ssh, "conf.d", "1.conf"), "Host a\n Port 1");
    await writeFile(join(ssh, "conf.d", "2.conf"), "Host a\n Port 2\n User two\nHost never\n");
    await writeFile(join(ssh, "conf.d", ".hidden.conf"), "User hidden");
    await writeFile(join(ssh, "only-b"), "User b\nHost *\n Port 5");
    const resolved = await resolveHosts([request("a"), request("b"), request("c")], { home: home.path });
    expect(resolved.diagnostics).toEqual([]);
    expect(resolved.hosts.map(({ address: { user, port } }) => [user, port])).toEqual([
      ["two", 1],
      ["b", 5],
      ["ubuntu", 4],
    ]);
  });

  test("a file that includes itself comes to an end", async () => {
    expect(await addressOf("Include config\nPort 5", request("a"))).toMatchObject({ port: 5 });
  });

  test("a file that cannot be read is a fault", async () => {
    const readFile = () => Promise.reject(Object.assign(new Error("EACCES: no"), { code: "EACCES" }));
    const { diagnostics } = await resolveHosts([request("a")], { home: "/home/me", readFile });
    expect(diagnostics).toMatchObject([
      { code: "ssh-config-unreadable", message: expect.stringContaining("/home/me/.ssh/config") },
    ]);
  });

  test("no text makes the parser fail", async () => {
    const word = fc.constantFrom(
      "Host",
      "*",
      "!",
      '"',
      "'",
      "\\",
      "#",
      "=",
      "Port",
      "1",
      "Match",
      "\n",
      " ",
      "[",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word), async (words) => {
        const { hosts, diagnostics } = await resolveWith(words.join(" "), [request("a")]);
        expect(hosts.length + diagnostics.length).toBe(1);
      }),
    );
  });
});

describe("the way over other hosts", () => {
  test("is looked up in the file, each host with its own values", async () => {
    const config =
      "Host a\n ProxyJump door\nHost door\n HostName 10.9.9.9\n User guard\n Port 2\n IdentityFile /door";
    expect((await addressOf(config, request("a")))?.jump).toEqual({
      host: "10.9.9.9",
      port: 2,
      user: "guard",
      keyFiles: ["/door"],
      jump: undefined,
    });
  });

  test("goes from the first of a list to the last", async () => {
    const address = await addressOf(undefined, request("a", { jump: "u1@one:1,[::1]:2", keyFile: "/k" }));
    expect(address).toMatchObject({
      host: "a",
      jump: {
        host: "::1",
        port: 2,
        user: "ubuntu",
        keyFiles: ["/k"],
        jump: { host: "one", user: "u1", port: 1, jump: undefined },
      },
    });
  });

  test("may name another host of the network", async () => {
    const door = request("10.0.0.9", { name: "door", port: 9, user: "guard", keyFile: "/door" });
    const { hosts } = await resolveWith(undefined, [door, request("a", { jump: "door" })]);
    expect(hosts[1]?.address.jump).toEqual(hosts[0]?.address);
  });

  test("may go over another port of the same address", async () => {
    const address = await addressOf(undefined, request("127.0.0.1", { port: 2202, jump: "127.0.0.1:2201" }));
    expect(address).toMatchObject({ port: 2202, jump: { port: 2201 } });
  });

  test("may not lead back to itself", async () => {
    const requests = [
      request("10.0.0.1", { name: "one", jump: "two" }),
      request("10.0.0.2", { name: "two", jump: "one" }),
    ];
    const diagnostics = await diagnosticsOf(undefined, ...requests);
    expect(diagnostics).toMatchObject([{ code: "host-jump-cycle" }, { code: "host-jump-cycle" }]);
    expect(await diagnosticsOf("ProxyJump all", request("a"))).toMatchObject([{ code: "host-jump-cycle" }]);
  });

  test("that is none is a fault", async () => {
    for (const jump of ["", "a,,b", "a:0", "a:99999", "@", "u@", "[::1", "a:b"]) {
      expect(await diagnosticsOf(undefined, request("x", { jump })), jump).toMatchObject([
        { code: "host-jump" },
      ]);
    }
  });

  test("can be written in each form that ssh takes", () => {
    expect(parseJumps("::1")).toEqual([{ host: "::1" }]);
    expect(parseJumps("ssh://me@[fe80::1]:22")).toEqual([{ host: "fe80::1", user: "me", port: 22 }]);
    expect(parseJumps("me@there@host")).toEqual([{ host: "host", user: "me@there" }]);
    expect(parseJumps("NONE")).toEqual([]);
  });
});
