/** A host whose clock is wrong: that is found within the stated error, is said, and enters no latency. */
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openValidator } from "../results/schemas.ts";
import {
  complaints,
  openRemoteSetting,
  patienceMs,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

interface RunJson {
  readonly results: {
    readonly latency: Readonly<Record<string, { count: number; min_ms: number; max_ms: number }>>;
    readonly block_age: {
      readonly count: number;
      readonly negative: number;
      readonly max_ms: number;
      readonly clock_error_ms: number;
      readonly claimed: boolean;
    };
  };
  readonly links: { readonly clocks: readonly Clock[] };
  readonly safety: {
    readonly forks: readonly unknown[];
    readonly prefix: { readonly nodes: readonly string[] };
  };
}

interface Clock {
  readonly name: string;
  readonly before: Reading;
  readonly after: Reading;
  readonly stepped: boolean;
  readonly bound_ms: number;
}

interface Reading {
  readonly offset_ms: number;
  readonly error_ms: number;
}

/**
 * Containers have the clock of their kernel, so programs are told another time: by libfaketime, which sshd's sessions
 * load (sshd itself does not: it does not bear it), and which what stands before runc puts into every container. So the
 * nodes are deceived, and the `date` that a clock is measured by.
 */
const prepareSkew = `set -e
apt-get update -qq
apt-get install -y -qq libfaketime >/dev/null
mkdir /opt/skew
cp /usr/lib/*/faketime/libfaketime.so.1 /usr/lib/*/faketime/libfaketimeMT.so.1 /opt/skew
mv /usr/sbin/runc /usr/sbin/runc.whole
cat > /usr/sbin/runc <<'RUNC'
#!/bin/sh
for word; do
  if [ "$last" = --bundle ] && [ -s /etc/faketimerc ]; then
    sed -i -e 's|"env":\\[|&"LD_PRELOAD=/skew/libfaketimeMT.so.1","FAKETIME_DONT_FAKE_MONOTONIC=1","FAKETIME='$(cat /etc/faketimerc)'",|' \\
      -e 's|"mounts":\\[|&{"destination":"/skew","type":"bind","source":"/opt/skew","options":["rbind","ro"]},|' "$word/config.json"
  fi
  last=$word
done
exec runc.whole "$@"
RUNC
chmod 755 /usr/sbin/runc`;
const skewBy = (secs: number) => `set -e
echo '+${secs}s' > /etc/faketimerc
sed -i /^SetEnv/d /etc/ssh/sshd_config
echo 'SetEnv LD_PRELOAD=/opt/skew/libfaketime.so.1 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME=+${secs}s' >> /etc/ssh/sshd_config
pid=$(cat /run/sshd.pid); rm /run/sshd.pid; kill -HUP $pid
until [ -s /run/sshd.pid ]; do sleep 0.05; done`;

/** host1 has three of the four nodes, so that a block's time, a median of three nodes' at least, is by its clock. */
const nodesOf = [1, 3];
const longestMs = 3 * patienceMs;

describe.skipIf(whyNoTestHosts !== undefined)(`the clock of a host ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    await hosts.inside(1, "sh", "-c", prepareSkew);
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  /** A run with host1's clock ahead by so much. */
  async function measure(skewSecs: number): Promise<RunJson> {
    await hosts.inside(1, "sh", "-c", skewBy(skewSecs));
    await using setting = await openRemoteSetting(hosts);
    const described = JSON.parse(await readFile(setting.hostsFile, "utf8")) as { hosts: { nodes: number }[] };
    for (const [index, host] of described.hosts.entries()) host.nodes = nodesOf[index] ?? 0;
    await writeFile(setting.hostsFile, JSON.stringify(described));
    const args = ["--loads=40", "--duration=5", "--warm-up=1", "--cleanup-thorough", "--json"];
    const { code, stdout, stderr } = await setting.remote(args, { longestMs }).ended;
    expect([code, complaints(stderr)]).toEqual([0, []]);
    const { runs } = JSON.parse(stdout) as { runs: [RunJson] };
    expect((await openValidator("run"))(runs[0])).toEqual([]);
    return runs[0];
  }

  /** Both readings of each host, each within its stated error of the truth. */
  function expectFound({ links }: RunJson, skewMs: number): Clock {
    expect(links.clocks).toMatchObject([
      { name: "host0", stepped: false },
      { name: "host1", stepped: false },
    ]);
    for (const { name, before, after } of links.clocks) {
      for (const { offset_ms, error_ms } of [before, after]) {
        expect(Math.abs(offset_ms - (name === "host1" ? skewMs : 0))).toBeLessThanOrEqual(error_ms);
      }
    }
    const skewed = links.clocks[1];
    if (skewed === undefined) throw new Error("host1 has no certificate");
    expect(skewed.bound_ms).toBeGreaterThanOrEqual(skewMs);
    return skewed;
  }

  test("80 ms ahead is found within the stated error", { timeout: longestMs }, async () => {
    const run = await measure(0.08);
    const { bound_ms } = expectFound(run, 80);
    expect(run.results.block_age.count).toBeGreaterThan(0);
    expect(run.results.block_age.clock_error_ms).toBeCloseTo(bound_ms + 1, 2);
    expect(run.safety).toMatchObject({ forks: [], prefix: { nodes: ["node0", "node1", "node2", "node3"] } });
  });

  test("an hour ahead enters no latency; ages of blocks are negative, counted, and not claimed", {
    timeout: longestMs,
  }, async () => {
    const run = await measure(3600);
    expectFound(run, 3_600_000);
    const { latency, block_age } = run.results;
    // Whatever would take something of that clock would be an hour off, or below 0.
    for (const { count, min_ms, max_ms } of Object.values(latency)) {
      expect(count).toBeGreaterThan(0);
      expect(min_ms).toBeGreaterThan(0);
      expect(max_ms).toBeLessThan(60_000);
    }
    expect(block_age).toMatchObject({ negative: block_age.count, claimed: false });
    expect(block_age.max_ms).toBeLessThan(-3_500_000);
    expect(block_age.clock_error_ms).toBeGreaterThan(3_600_000);
  });
});
