/** What `links --probe` measures between hosts, and what it leaves there. */
import { writeFile } from "node:fs/promises";
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

interface Probed {
  readonly paths: readonly {
    readonly from: string;
    readonly to: string;
    readonly why?: string;
    readonly handshakes?: number;
    readonly rtt_ms?: { readonly min: number; readonly median: number; readonly p90: number };
  }[];
  readonly unmeasured: readonly string[];
  readonly links?: object;
}

describe.skipIf(whyNoTestHosts !== undefined)(`between hosts ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  let before: readonly string[][];

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    before = await Promise.all([look(hosts, 0), look(hosts, 1)]);
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  /** Runs a command while a host drops what it is to send to the SSH port of the other one. */
  async function withBlocked<T>(from: readonly number[], work: () => Promise<T>): Promise<T> {
    const rule = (verb: string, host: number) => {
      const { privateAddress = "" } = hosts.hosts[1 - host] ?? {};
      const match = ["-d", privateAddress, "-p", "tcp", "--dport", "22", "-j", "DROP"];
      return hosts.inside(host, "iptables", verb, "OUTPUT", ...match);
    };
    for (const host of from) await rule("-I", host);
    try {
      return await work();
    } finally {
      for (const host of from) await rule("-D", host);
    }
  }

  test("the round trips both ways, as a links file that can be used; nothing stays but the image", async () => {
    await using setting = await openRemoteSetting(hosts);
    const probe = async (...more: string[]) =>
      await setting.start("baleen", ["links", "--probe", `--hosts=${setting.hostsFile}`, ...more]).ended;
    const { code, stdout, stderr } = await probe("--json");
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^\S+: measuring the round trips \(10 /m)]);
    const { paths, unmeasured, links } = JSON.parse(stdout) as Probed;
    expect([paths.length, unmeasured]).toEqual([2, []]);
    for (const { handshakes, rtt_ms: { min, median, p90 } = { min: 0, median: 0, p90: 0 } } of paths) {
      expect(handshakes).toBe(10);
      expect(min).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(min);
      expect(p90).toBeGreaterThanOrEqual(median);
    }
    const file = join(setting.home, "measured.yaml");
    await writeFile(file, JSON.stringify(links));
    const shown = await setting.start("baleen", ["links", file, "--committee=5"]).ended;
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("Measured between 2 hosts")]);
    await expectAsBefore(hosts, before);
    const blocked = await withBlocked([0], () => probe());
    expect(blocked.code).toBe(0);
    expect(blocked.stderr).toContain("the image with Node.js is already there");
    expect(blocked.stdout).toMatch(/\nNot measured:\n {2}\S+ → \S+ \(\S+:22\): no answer within 3 s\n/);
    const apart = await withBlocked([0, 1], () => probe("--json"));
    const found = JSON.parse(apart.stdout) as Probed;
    expect([apart.code, found.unmeasured.length, found.links]).toEqual([1, 1, undefined]);
    await expectAsBefore(hosts, before);
  });

  test("an interruption leaves nothing", async () => {
    await using setting = await openRemoteSetting(hosts);
    await withBlocked([0, 1], async () => {
      const command = setting.start("baleen", ["links", "--probe", `--hosts=${setting.hostsFile}`]);
      await command.says(/measuring the round trips/, testHostsLimitMs);
      command.child.kill("SIGINT");
      expect((await command.ended).code).toBe(130);
    });
    await expectAsBefore(hosts, before);
  });

  test("a host without an engine is named, with what starts it", async () => {
    await using setting = await openRemoteSetting(hosts);
    await hosts.inside(1, "sh", "-c", "mv /usr/bin/docker /usr/bin/docker.away");
    try {
      const { code, stderr } = await setting.start("baleen", [
        ...["links", "--probe", `--hosts=${setting.hostsFile}`],
      ]).ended;
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          /: Docker is not installed\. Install and start it with: npx baleen hosts prepare --hosts \S+/,
        ),
      ]);
    } finally {
      await hosts.inside(1, "sh", "-c", "mv /usr/bin/docker.away /usr/bin/docker");
    }
  });
});
