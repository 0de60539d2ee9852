/** The usage examples of remote networks, and remote_network.sh, on hosts that the environment names. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawnOnTerminal, whyNoPseudoTerminal } from "../support/pseudo-terminal.ts";
import {
  complaints,
  expectAsBefore,
  look,
  patienceMs,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";
import { openSetting } from "./setting.ts";
import { remoteExamples, shorten } from "./usage-examples.ts";

const wizard = fileURLToPath(new URL("../../examples/remote_network.sh", import.meta.url));

describe.skipIf(whyNoTestHosts !== undefined)(`on hosts with Docker ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  let before: readonly string[][];

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    before = await Promise.all([look(hosts, 0), look(hosts, 1)]);
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  /** Two nodes on each of two hosts. */
  function variables(): Record<string, string> {
    const nodes = [0, 1, 2, 3].flatMap((node) => {
      const host = hosts.hosts[node % 2];
      if (host === undefined) throw new Error(`there is no host for node ${node}`);
      return Object.entries({
        HOST: host.address,
        PRIVATE_HOST: host.privateAddress,
        SSH_PORT: String(host.sshPort),
        SSH_USER: host.user,
        SSH_KEY: host.keyFile,
      }).map(([key, value]) => [`MYSTICETI_NODE${node}_${key}`, value]);
    });
    const known = { MYSTICETI_KNOWN_HOSTS: hosts.knownHostsFile, XDG_STATE_HOME: hosts.stateFolder };
    return { ...Object.fromEntries(nodes), ...known };
  }

  test.each(remoteExamples)("$line", async (example) => {
    await using setting = await openSetting();
    const { binary, args } = example;
    // What they would leave running is removed, so that the next one finds the hosts as this one did.
    const flags = [...args, ...shorten(example), ...(binary === "benchmark" ? ["--loads=50"] : [])];
    const command = setting.start(binary, [...flags, "--startup-wait=120", "--cleanup-thorough"], {
      env: variables(),
      longestMs: patienceMs,
    });
    const { code, stdout, stderr } = await command.ended;
    expect([code, complaints(stderr)]).toEqual([0, []]);
    expect(stdout).toContain(
      binary === "benchmark" ? "Network Type: remote\n" : "Successful transactions: 50\n",
    );
    await expectAsBefore(hosts, before);
  });

  test.skipIf(whyNoPseudoTerminal !== undefined)(
    `remote_network.sh: all defaults by Enter run a network there, and remove it ${whyNoPseudoTerminal ?? ""}`,
    async () => {
      await using setting = await openSetting();
      const short = { BALEEN_NUM_TRANSACTIONS: "50", BALEEN_WARM_UP: "0", BALEEN_STARTUP_WAIT: "120" };
      const env = { ...setting.env, ...variables(), ...short };
      await using terminal = await spawnOnTerminal([wizard], { cwd: setting.home, env });
      for (;;) {
        const seen = await terminal.expect(/\]: $/);
        terminal.send("\r");
        if (seen.includes("Proceed with these settings?")) break;
      }
      expect(terminal.screen()).toContain(`Node 2: ${hosts.hosts[0]?.address}\r\n`);
      await terminal.expect("Successful transactions: 50", patienceMs);
      expect(await terminal.ended).toBe(0);
      const isRunning = (line: string) => line.startsWith("container");
      const left = await Promise.all([look(hosts, 0), look(hosts, 1)]);
      expect(left.map((lines) => lines.filter(isRunning))).toEqual([[], []]);
    },
  );
});
