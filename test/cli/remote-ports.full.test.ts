/** Where the ports of nodes on a host can be reached, and where not: by a real engine, on a host with two addresses. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  openRemoteSetting,
  patienceMs,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

/** An address of the host beside its private one, as the public one of a cloud's machine. */
const otherAddress = "10.99.0.1";

describe.skipIf(whyNoTestHosts !== undefined)(`ports on a host ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 1, docker: true });
    await hosts.inside(0, "ip", "addr", "add", `${otherAddress}/32`, "dev", "lo");
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  /** Of the first node, as seen on that host: peers, RPC, metrics. */
  const tryPorts = async (address: string) => {
    const attempt = `for port in 26656 26657 26670; do
      (: </dev/tcp/${address}/$port) 2>/dev/null && echo open || echo closed
    done | xargs`;
    return (await hosts.inside(0, "bash", "-c", attempt)).trim();
  };

  test.each([
    ["direct", ["open open open", "closed open open"]],
    ["ssh", ["open closed closed", "closed open open"]],
  ])(
    "are bound to the private address and to loopback with --rpc-via %s",
    { timeout: 3 * patienceMs },
    async (rpcVia, [inside, loopback]) => {
      await using setting = await openRemoteSetting(hosts);
      const args = [
        "--loads=20",
        "--duration=600",
        "--warm-up=0",
        "--cleanup-thorough",
        `--rpc-via=${rpcVia}`,
      ];
      const command = setting.remote(args, { longestMs: 2 * patienceMs });
      await command.says(/^ready after /, 2 * patienceMs);
      expect(await tryPorts(hosts.hosts[0]?.privateAddress ?? "")).toBe(inside);
      expect(await tryPorts("127.0.0.1")).toBe(loopback);
      expect(await tryPorts(otherAddress)).toBe("closed closed closed");
      command.child.kill("SIGINT");
      expect((await command.ended).code).toBe(130);
    },
  );
});
