/** Peers on hosts over SSH, whose coordinator no host was given for, behind emulated links. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  complaints,
  openRemoteSetting,
  patienceMs,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

describe.skipIf(whyNoTestHosts !== undefined)(`a mesh on hosts ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 4, docker: true });
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test("delivers all messages over links as asked", { timeout: 2 * patienceMs }, async () => {
    await using setting = await openRemoteSetting(hosts);
    const args = ["mesh", "--network-type=remote", `--hosts=${setting.hostsFile}`, "--peers=4"];
    const more = ["--loads=8", "--duration=8", "--delay=20ms", "--cleanup-thorough", "--json"];
    const { code, stdout, stderr } = await setting.start("baleen", [...args, ...more]).ended;
    const [run] = JSON.parse(stdout).runs;
    // Peers on a machine that is busy write late, which is the verdict's to say, and no fault of links or places.
    const isLate = run.verdict.status === "generator-limited";
    expect([isLate ? [] : run.verdict.reasons, code, complaints(stderr)]).toEqual([[], 0, []]);
    expect(run.results.messages.deliveries).toMatchObject({ missing: 0 });
    // Four peers and their coordinator.
    const { links, failures = [] } = run.link_certificate;
    expect([links, failures]).toEqual([20, []]);
    for (const { p50_ms } of run.results.messages.pairs) expect(p50_ms).toBeGreaterThan(18);
  });
});
