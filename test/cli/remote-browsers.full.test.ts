/** Browsers on hosts over SSH, whose servers no host was given for. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoChromium } from "../support/chromium.ts";
import { shareLibraries } from "./peer-library-cache.ts";
import {
  complaints,
  openRemoteSetting,
  patienceMs,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

const whyNot = whyNoTestHosts ?? whyNoChromium;

describe.skipIf(whyNot !== undefined)(`browsers on hosts ${whyNot ?? ""}`, () => {
  let hosts: SharedHosts;
  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    await shareLibraries({ stateDir: join(hosts.stateFolder, "baleen") });
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  const run = async (...more: readonly string[]) => {
    await using setting = await openRemoteSetting(hosts);
    const args = ["browsers", `--hosts=${setting.hostsFile}`, "--peers=2", "--duration=8", ...more];
    return await setting.start("baleen", [...args, "--cleanup-thorough", "--json"], {
      longestMs: 2 * patienceMs,
    }).ended;
  };

  test("reach each other, and all messages arrive", { timeout: 3 * patienceMs }, async () => {
    const { code, stdout, stderr } = await run();
    expect([code, complaints(stderr)]).toEqual([0, []]);
    const [{ results, verdict }] = JSON.parse(stdout).runs;
    expect(verdict.status).not.toBe("invalid");
    const { deliveries, latency, peers } = results.routines;
    expect(deliveries.delivered).toBeGreaterThan(0.98 * deliveries.expected);
    // Their clocks differ.
    expect(latency).toBeUndefined();
    expect(peers.map(({ connections }: { connections: number }) => connections)).toEqual([1, 1]);
  });

  test("emulated links are refused before anything starts, since browsers use their host's network", async () => {
    const { code, stderr } = await run("--delay=20ms");
    expect([code, stderr]).toEqual([2, expect.stringContaining("use the network of their host")]);
  });
});
