/** A host whose clock is wrong: that is found within the stated error, is said, and enters no latency. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openValidator } from "../bundle/schemas.ts";
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
    readonly latency: {
      readonly commit: { readonly count: number; readonly mean_ms: number; readonly min_ms: number };
    };
    readonly block_age: {
      readonly count: number;
      readonly clock_error_ms: number;
      readonly claimed: boolean;
    };
  };
  readonly links: { readonly clocks: readonly Clock[] };
  readonly safety: {
    readonly forks: readonly unknown[];
    readonly prefix: { readonly nodes: readonly string[] };
  };
  readonly verdict: { readonly status: string };
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
const skewBy = (secs: string) => `set -e
echo '${secs}s' > /etc/faketimerc
echo 'SetEnv LD_PRELOAD=/opt/skew/libfaketime.so.1 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME=${secs}s' >> /etc/ssh/sshd_config
pid=$(cat /run/sshd.pid); rm /run/sshd.pid; kill -HUP $pid
until [ -s /run/sshd.pid ]; do sleep 0.05; done`;

const skewMs = 80;

describe.skipIf(whyNoTestHosts !== undefined)(`the clocks of hosts ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    await hosts.inside(1, "sh", "-c", prepareSkew);
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  async function measure(): Promise<{ run: RunJson; text: string }> {
    await using setting = await openRemoteSetting(hosts);
    const { code, stdout, stderr } = await setting.remote([
      ...["--loads=40", "--duration=5", "--warm-up=1", "--cleanup-thorough", "--json"],
    ]).ended;
    expect([code, complaints(stderr)]).toEqual([0, []]);
    const { runs } = JSON.parse(stdout) as { runs: [RunJson] };
    expect((await openValidator("run"))(runs[0])).toEqual([]);
    return { run: runs[0], text: stderr };
  }

  const named = ({ links }: RunJson, host: string) => {
    const clock = links.clocks.find(({ name }) => name === host);
    if (clock === undefined) throw new Error(`${host} has no certificate`);
    return clock;
  };

  test("80 ms on one host are found within the stated error, and alter no latency", {
    timeout: 3 * patienceMs,
  }, async () => {
    const { run: even } = await measure();
    await hosts.inside(1, "sh", "-c", skewBy("+0.080"));
    const { run: skewed } = await measure();

    for (const { before, after } of [named(even, "host0"), named(even, "host1"), named(skewed, "host0")]) {
      for (const { offset_ms, error_ms } of [before, after]) {
        expect(Math.abs(offset_ms)).toBeLessThanOrEqual(error_ms);
      }
    }
    const clock = named(skewed, "host1");
    for (const { offset_ms, error_ms } of [clock.before, clock.after]) {
      expect(Math.abs(offset_ms - skewMs)).toBeLessThanOrEqual(error_ms);
      expect(error_ms).toBeLessThan(skewMs / 2);
    }
    expect(clock).toMatchObject({ stepped: false });
    expect(clock.bound_ms).toBeGreaterThanOrEqual(skewMs);

    // Half of the transactions are committed by the skewed host: had its clock a say, the mean would show half of it.
    const [before, after] = [even, skewed].map(({ results }) => results.latency.commit);
    expect([before?.count, after?.count]).toEqual([200, 200]);
    expect(Math.abs((after?.mean_ms ?? 0) - (before?.mean_ms ?? 0))).toBeLessThan(skewMs / 2);
    // Ages of blocks are by the nodes' clocks, and say how wrong these may be.
    expect(skewed.results.block_age.count).toBeGreaterThan(0);
    expect(skewed.results.block_age.clock_error_ms).toBeCloseTo(clock.bound_ms + 1, 3);
    expect(skewed.safety).toMatchObject({
      forks: [],
      prefix: { nodes: ["node0", "node1", "node2", "node3"] },
    });
  });
});
