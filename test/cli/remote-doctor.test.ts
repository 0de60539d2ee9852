/** `baleen doctor` with hosts: each is looked at as `hosts check` does it, and nothing is changed anywhere. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  expectAsBefore,
  look,
  openRemoteSetting,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

describe.skipIf(whyNoTestHosts !== undefined)(`doctor with hosts ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 1, docker: false, nodePorts: false });
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test("a host that is ready, and its key", async () => {
    await using setting = await openRemoteSetting(hosts);
    const before = [await look(hosts, 0)];
    const { code, stdout } = await setting.start("baleen", ["doctor", `--hosts=${setting.hostsFile}`]).ended;
    expect(stdout).toMatch(/^ok {7}SSH keys {10}1 key file, no agent$/m);
    expect(stdout).toMatch(/^ok {7}Host host0 {8}ubuntu@/m);
    expect(code).toBe(0);
    await expectAsBefore(hosts, before);
  });

  test("a host key that was never seen is told, and not noted though a run would", async () => {
    await using setting = await openRemoteSetting(hosts);
    const known = join(setting.home, "known");
    await writeFile(known, "");
    const args = [`--hosts=${setting.hostsFile}`, `--known-hosts=${known}`];
    const [strict, accepting] = await Promise.all([
      setting.start("baleen", ["doctor", ...args]).ended,
      setting.start("baleen", ["doctor", "--host-key-policy=accept-new", ...args]).ended,
    ]);
    expect(strict.stdout).toMatch(/^fault {4}Host host0/m);
    expect(accepting.stdout).toMatch(/^warning {2}Host host0/m);
    expect([strict.code, accepting.code]).toEqual([1, 0]);
    expect(await readFile(known, "utf8")).toBe("");
  });
});
