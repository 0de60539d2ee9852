/** Trouble on the way to hosts, with the hosts, with the command itself, and between two of them. */
import { readFile, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { dockerCommand } from "../support/test-hosts.ts";
import {
  complaints,
  expectAsBefore,
  look,
  openRemoteSetting,
  patienceMs,
  type RemoteSetting,
  runOf,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

interface RunWithGaps {
  readonly links: { readonly after: { readonly hosts: readonly { readonly coordinator_rtt_ms?: number }[] } };
  readonly link_gaps: readonly { readonly lost_secs: number; readonly length_secs: number }[];
  readonly verdict: { readonly status: string; readonly reasons: readonly string[] };
}

interface CommitteeCheck {
  readonly hosts: readonly unknown[];
  readonly committee: { readonly faults: readonly { readonly message: string }[] };
}

async function readRun(setting: RemoteSetting): Promise<RunWithGaps> {
  const path = join(await setting.bundle(), "remote_benchmark_1_50txs.json");
  return JSON.parse(await readFile(path, "utf8")) as RunWithGaps;
}

describe.skipIf(whyNoTestHosts !== undefined)(`trouble with hosts ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  let before: readonly string[][];
  const privateAddress = (host: number) => hosts.hosts[host]?.privateAddress ?? "";
  const onHosts = (setting: RemoteSetting, ...words: string[]) =>
    setting.start("baleen", ["hosts", ...words, `--hosts=${setting.hostsFile}`, "--json"]).ended;

  const checkCommittee = async (setting: RemoteSetting, nodes: number) => {
    const { code, stdout } = await onHosts(setting, "check", `--committee=${nodes}`);
    return { code, ...(JSON.parse(stdout) as CommitteeCheck) };
  };

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    before = await Promise.all([look(hosts, 0), look(hosts, 1)]);
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test("a connection that is cut in the window stands again; the run goes on, and the gap is told", async () => {
    await using setting = await openRemoteSetting(hosts);
    const command = setting.remote([...["--loads=50", "--duration=5", "--warm-up=1", "--cleanup-thorough"]]);
    await command.says("measuring", patienceMs);
    // In one step: a session may end by itself meanwhile, and a pid that is gone is an error.
    await hosts.inside(0, "pkill", "-f", "^sshd: ubuntu");
    await command.says(/^the connection to host0 is back after /);
    const { code, stdout, stderr } = await command.ended;
    expect([code, complaints(stderr)]).toEqual([
      0,
      [expect.stringMatching(/^warning: lost the connection to host0: .*; reconnecting$/)],
    ]);
    const run = await readRun(setting);
    expect(run.link_gaps).toEqual([
      {
        ...{ host: "host0", given_up: false, reason: expect.any(String) },
        ...{ lost_secs: expect.any(Number), length_secs: expect.any(Number) },
      },
    ]);
    const [{ lost_secs = -1, length_secs = -1 } = {}] = run.link_gaps;
    expect([lost_secs >= 0, lost_secs < 5, length_secs > 0]).toEqual([true, true, true]);
    expect(stdout).toMatch(
      /^ {2}SSH connection to host0 was lost for \d+\.\d s, \d+\.\d s into the window: /m,
    );
    const events = await readFile(join(await setting.bundle(), "events.ndjson"), "utf8");
    const links = events.split("\n").filter((line) => line.includes('"host-link"'));
    expect(links.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { host: "host0", state: "lost" },
      { host: "host0", state: "restored" },
    ]);
    await expectAsBefore(hosts, before);
  });

  test("a second command on the same hosts is refused, with who has them; the first goes on", async () => {
    await using setting = await openRemoteSetting(hosts);
    await using other = await openRemoteSetting(hosts);
    const first = setting.remote(["--loads=50", "--duration=6", "--warm-up=1", "--cleanup-thorough"]);
    await first.says(/^Sweep /, patienceMs);
    const second = await other.remote(["--loads=50", "--duration=2", "--cleanup-thorough"]).ended;
    expect(second.code).toBe(2);
    const holder = `${userInfo().username}@${hostname()}, process ${first.pid}`;
    for (const host of ["host0", "host1"]) {
      const reported = complaints(second.stderr).join("\n");
      expect(reported).toContain(host);
      expect(reported).toContain(holder);
    }
    const { code, stderr } = await first.ended;
    expect([code, complaints(stderr)]).toEqual([0, []]);
    await expectAsBefore(hosts, before);
  });

  test("after SIGKILL, clean lists what is left and removes just that, and the sweep is gone on with", async () => {
    await using setting = await openRemoteSetting(hosts);
    const loads = ["--loads=50,60", "--duration=2", "--warm-up=0", "--cleanup-thorough"];
    const command = setting.remote(loads);
    await until(() => (/Run 2: 60 tx\/s[\s\S]*\nmeasuring\n/.test(command.seen.stderr) ? true : undefined), {
      timeoutMs: patienceMs,
      everyMs: 5,
      describe: () => `the second run never began:\n${command.seen.stderr}`,
    });
    command.child.kill("SIGKILL");
    await command.ended;
    const run = runOf(command);
    const image = await hosts.inside(0, "docker", "images", "-q", "baleen/validator");
    await hosts.inside(0, "docker", "volume", "create", "--label=baleen.run=", "somebody-elses");
    await hosts.inside(0, "docker", "create", "--name=somebody-elses", image);
    try {
      // The hosts hear of it when the connections have ended.
      const list = async () => {
        const { code, stdout } = await onHosts(setting, "clean");
        expect(code).toBe(0);
        const listed = JSON.parse(stdout) as { hosts: { runs: { run: string; inUse: boolean }[] }[] };
        const runs = listed.hosts.map((host) => host.runs.filter((one) => one.run === run));
        return runs.flat().some(({ inUse }) => inUse) ? undefined : runs;
      };
      const listed = await until(list, { timeoutMs: 20_000, everyMs: 100, describe: () => "still in use" });
      const things = (node: number) => [
        `container baleen-${run}-node${node} (running)`,
        `volume baleen-${run}-node${node}-home`,
      ];
      expect(listed).toEqual(
        [0, 1].map((host) => [{ run, inUse: false, what: [...things(host), ...things(host + 2)].sort() }]),
      );
      expect(await onHosts(setting, "clean", `--run=${run}`)).toMatchObject({
        code: 0,
        stderr: expect.anything(),
      });
      const theirs = ["container somebody-elses", "volume somebody-elses"];
      await expectAsBefore(hosts, [[...(before[0] ?? []), ...theirs].sort(), before[1] ?? []]);
    } finally {
      await hosts.inside(0, "docker", "rm", "--force", "somebody-elses");
      await hosts.inside(0, "docker", "volume", "rm", "somebody-elses");
    }
    const bundle = await setting.bundle();
    const resumed = await setting.start("benchmark", ["--resume", bundle, `--hosts=${setting.hostsFile}`])
      .ended;
    expect([resumed.code, complaints(resumed.stderr).filter((line) => line.startsWith("error"))]).toEqual([
      0,
      [],
    ]);
    const { runs, end } = await readBundle(bundle);
    expect(runs.map(({ parameters }) => parameters.loadTps)).toEqual([50, 60]);
    expect([end?.plannedRuns, end?.endedEarly]).toEqual([2, undefined]);
    await expectAsBefore(hosts, before);
  });

  test("a blocked way between two hosts is named before any node starts", async () => {
    await using setting = await openRemoteSetting(hosts);
    const rule = ["PREROUTING", "-s", privateAddress(0), "-p", "tcp", "--dport", "26656", "-j", "DROP"];
    await hosts.inside(1, "iptables", "-t", "mangle", "-I", ...rule);
    try {
      const { code, stderr } = await setting.remote(["--loads=50", "--duration=2"]).ended;
      expect(code).toBe(1);
      expect(stderr).toContain(`  host0 → host1 (${privateAddress(1)}:26656): no answer within 3 s\n`);
      expect(stderr.match(/ → /g)).toHaveLength(1);
      expect(stderr).not.toContain("starting 4 nodes");
      await expectAsBefore(hosts, before);
    } finally {
      await hosts.inside(1, "iptables", "-t", "mangle", "-D", ...rule);
    }
  });

  test("hosts check says whether they are enough for a committee, and changes nothing", async () => {
    await using setting = await openRemoteSetting(hosts);
    const rule = ["PREROUTING", "-s", privateAddress(0), "-p", "tcp", "--dport", "26656", "-j", "DROP"];
    await hosts.inside(1, "iptables", "-t", "mangle", "-I", ...rule);
    try {
      const checked = await checkCommittee(setting, 4);
      expect([checked.code, checked.committee]).toMatchObject([
        1,
        { enough: false, faults: [{ code: "hosts-unreachable" }] },
      ]);
      expect(checked.committee.faults[0]?.message.match(/^ .* → .*/gm)).toEqual([
        `  host0 → host1 (${privateAddress(1)}:26656): no answer within 5 s`,
      ]);
    } finally {
      await hosts.inside(1, "iptables", "-t", "mangle", "-D", ...rule);
    }
    const free = await checkCommittee(setting, 4);
    expect([free.code, free.committee]).toMatchObject([0, { nodes: 4, enough: true, faults: [] }]);
    const few = await checkCommittee(setting, 5);
    expect([few.code, few.hosts.length, few.committee]).toMatchObject([
      1,
      2,
      { enough: false, faults: [{ code: "too-few-hosts" }] },
    ]);
    await expectAsBefore(hosts, before);
  });

  test("a container network that hides another host is found before anything is made", async () => {
    await using setting = await openRemoteSetting(hosts);
    const text = await readFile(setting.hostsFile, "utf8");
    await writeFile(setting.hostsFile, text.replace(`"${privateAddress(1)}"`, '"10.77.0.5"'));
    await hosts.inside(0, "docker", "network", "create", "--subnet=10.77.0.0/24", "in-the-way");
    try {
      const { code, stderr } = await setting.remote(["--loads=50", "--duration=2"]).ended;
      expect(code).toBe(2);
      expect(stderr).toContain(
        'host0: Docker\'s network "in-the-way" has the subnet 10.77.0.0/24, which contains the address of host1 (10.77.0.5)',
      );
    } finally {
      await hosts.inside(0, "docker", "network", "rm", "in-the-way");
    }
    await expectAsBefore(hosts, before);
  });

  /** Last: its engine goes with the host. */
  test("a host that is gone makes the run invalid and is named; the other is cleaned, and it itself once it is back", {
    timeout: 3 * patienceMs,
  }, async () => {
    await using setting = await openRemoteSetting(hosts);
    const command = setting.remote(
      ["--loads=50", "--duration=6", "--warm-up=1", "--drain=2", "--cleanup-thorough"],
      { longestMs: 2 * patienceMs },
    );
    await command.says("measuring", patienceMs);
    const gone = hosts.hosts[1]?.name ?? "";
    await dockerCommand("kill", gone);
    const { code, stderr } = await command.ended;
    const run = await readRun(setting);
    expect(code).toBe(1);
    expect(run.verdict.status).toBe("invalid");
    expect(run.link_gaps).toMatchObject([{ host: "host1" }]);
    expect(run.links.after.hosts.map(({ coordinator_rtt_ms: rtt }) => rtt !== undefined)).toEqual([
      true,
      false,
    ]);
    expect(stderr).toMatch(/^error: Not everything that run \w+ created could be removed: host1: [^;]*$/m);
    await expectAsBefore(hosts, before.slice(0, 1));

    await dockerCommand("start", gone);
    const clean = async () => {
      const { code: cleaned } = await onHosts(setting, "clean", `--run=${runOf(command)}`);
      return cleaned === 0 ? true : undefined;
    };
    const describe = () => "the host did not come back";
    await until(clean, { timeoutMs: patienceMs, everyMs: 500, describe });
    const left = await look(hosts, 1);
    expect(left.filter((line) => line.includes("baleen-") && !line.startsWith("file "))).toEqual([]);
  });
});
