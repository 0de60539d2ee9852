/** The built binaries on hosts with sshd and sudo alone: the first run installs and sends, the second finds it there. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openValidator } from "../results/schemas.ts";
import { parseLeftBehind } from "./docker-setting.ts";
import { listAll } from "./machine.ts";
import {
  complaints,
  expectAsBefore,
  look,
  openRemoteSetting,
  patienceMs,
  readRules,
  runOf,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  watchCommandLines,
  whyNoTestHosts,
} from "./remote-setting.ts";

interface RemoteRun {
  readonly network_type: string;
  readonly ledger: {
    readonly scheduled: number;
    readonly sent: Readonly<Record<string, { readonly committed: number; readonly not_seen: number }>>;
    readonly unsent: Readonly<Record<string, number>>;
  };
  readonly links: Readonly<Record<"before" | "after", Links>>;
  readonly environment: {
    readonly hosts: readonly {
      readonly host: string;
      readonly other_containers?: readonly string[];
      readonly before?: { readonly secs: number };
      readonly window?: { readonly background_mean_percent: number };
    }[];
  };
  readonly verdict: { readonly status: string };
}

interface Links {
  readonly hosts: readonly Readonly<Record<string, number | string>>[];
  readonly pairs: readonly { readonly from: string; readonly to: string; readonly rtt_ms: number }[];
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, "utf8")) as T;
}

/** Every transaction has one fate; every host was measured, and every way between them. */
async function expectGoodRun(run: RemoteRun, hosts: readonly string[]): Promise<void> {
  expect((await openValidator("run"))(run)).toEqual([]);
  const sent = Object.values(run.ledger.sent).map(({ committed, not_seen }) => committed + not_seen);
  const fates = [...sent, ...Object.values(run.ledger.unsent)];
  expect(fates.reduce((sum, count) => sum + count, 0)).toBe(run.ledger.scheduled);
  expect(["valid", "generator-limited"]).toContain(run.verdict.status);
  for (const links of [run.links.before, run.links.after]) {
    expect(links.hosts.map(({ name }) => name)).toEqual(hosts);
    for (const host of links.hosts) {
      expect(host.coordinator_rtt_ms).toBeGreaterThan(0);
      // The same clock, since the hosts are containers on this machine.
      expect(Math.abs(Number(host.clock_offset_ms))).toBeLessThanOrEqual(Number(host.clock_error_ms));
    }
    expect(links.pairs.map(({ from, to }) => `${from} ${to}`)).toEqual(["host0 host1", "host1 host0"]);
    for (const { rtt_ms } of links.pairs) expect(rtt_ms).toBeGreaterThan(0);
  }
  const [coordinator, ...machines] = run.environment.hosts;
  expect(coordinator?.host).toBe("coordinator");
  expect(machines.map(({ host }) => host)).toEqual(hosts);
  for (const { other_containers, before, window } of machines) {
    expect([other_containers, before?.secs]).toEqual([[], 1]);
    // Known although the nodes are containers in a container: what the others use is all but theirs.
    expect(window?.background_mean_percent).toBeLessThan(100);
  }
}

describe.skipIf(whyNoTestHosts !== undefined)(`bare hosts ${whyNoTestHosts ?? ""}`, () => {
  const names = ["host0", "host1"];
  let hosts: SharedHosts;
  const lookAtAll = () => Promise.all([look(hosts, 0), look(hosts, 1)]);
  const inAll = (...argv: string[]) => Promise.all([0, 1].map((host) => hosts.inside(host, ...argv)));

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: false });
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test("check says that they can be used, and changes nothing", async () => {
    await using setting = await openRemoteSetting(hosts);
    const before = await lookAtAll();
    const { code, stdout } = await setting.start("baleen", [
      ...["hosts", "check", `--hosts=${setting.hostsFile}`, "--json"],
    ]).ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      hosts: names.map((name) => ({
        name,
        ready: true,
        facts: { Docker: "no engine answers", sudo: "passwordless" },
      })),
    });
    await expectAsBefore(hosts, before);
    expect(await inAll("sh", "-c", "command -v docker || echo none")).toEqual(["none", "none"]);
  });

  test("Ctrl-C while Docker is installed: what installs it has ended, and nothing of ours is left", {
    tags: "full",
  }, async () => {
    await using setting = await openRemoteSetting(hosts);
    const before = await lookAtAll();
    const command = setting.remote(["--loads=50", "--duration=2"]);
    await command.says(/^host0: .*install/);
    command.child.kill("SIGINT");
    const { code, stderr } = await command.ended;
    expect([code, complaints(stderr), parseLeftBehind(stderr)]).toEqual([130, [], undefined]);
    await expectAsBefore(hosts, before);
    expect(await inAll("sh", "-c", "pgrep -xa 'apt-get|dpkg' || echo none")).toEqual(["none", "none"]);
  });

  test("two loads: Docker is installed, the image sent, both ledgers balance, nothing but those two stays, and no secret is seen", {
    timeout: 2 * patienceMs,
  }, async () => {
    await using setting = await openRemoteSetting(hosts);
    await using commandLines = watchCommandLines();
    const before = await lookAtAll();
    const environmentSecret = "s3cret-of-the-environment";
    const command = setting.remote(
      [
        "--loads=50,100",
        "--duration=2",
        "--warm-up=1",
        "--cleanup-thorough",
        "--verbose",
        "--log-file=x.log",
      ],
      { env: { MY_TOKEN: environmentSecret }, longestMs: 2 * patienceMs },
    );
    await command.says("measuring", 2 * patienceMs);
    const run = runOf(command);
    const file = `baleen-${run}-node1:/home/node/validator-key.json`;
    const key = await hosts.inside(1, "sh", "-c", `docker cp ${file} - | tar -xO`);
    const { code, stdout, stderr } = await command.ended;
    expect([code, complaints(stderr)]).toEqual([0, []]);
    for (const name of names) {
      expect(stderr).toMatch(new RegExp(`^${name}: .*install`, "m"));
      expect(stderr).toMatch(new RegExp(`^${name}: sending the image`, "m"));
      expect(stderr).toContain(`${name}: the image arrived intact`);
    }
    const log = await readFile(join(setting.home, "x.log"), "utf8");
    for (const name of names) {
      for (const did of [
        `ssh ${name} \\(.*: logged in, \\S+ s$`,
        `${name} # .*apt-get.* install .*: exit code 0, \\S+ s$`,
        `.* POST /containers/create\\?name=baleen-.*: 201, \\S+ s$`,
      ]) {
        expect(stderr).toMatch(new RegExp(`^debug: \\S+ s  ${did}`, "m"));
        expect(log).toMatch(new RegExp(`^ *\\S+ s  ${did}`, "m"));
      }
    }
    const bundle = await setting.bundle();
    for (const file of ["remote_benchmark_1_50txs.json", "remote_benchmark_2_100txs.json"]) {
      await expectGoodRun(await readJson<RemoteRun>(join(bundle, file)), names);
    }
    expect(await readJson(join(bundle, "environment.json"))).toMatchObject({
      network: { hosts: { host0: { nodes: ["node0", "node2"] }, host1: { nodes: ["node1", "node3"] } } },
    });
    await expectAsBefore(hosts, before);
    const images = await inAll("docker", "images", "--format", "{{.Repository}}");
    expect(images).toEqual(["baleen/validator", "baleen/validator"]);
    await setting.expectNothingLeft();

    const { seed } = JSON.parse(key) as { seed: string };
    const secrets = [...(await readPrivateKey()), seed, environmentSecret];
    const files = (await listAll(bundle)).map((name) => readFile(join(bundle, name), "utf8").catch(() => ""));
    const reported = [stdout, stderr, log, ...(await Promise.all(files)), ...commandLines.seen];
    // Those of the hosts are among them: the lock is one.
    expect([...commandLines.seen].join("\n")).toContain("baleen-host-lock");
    for (const secret of secrets) expect(reported.filter((text) => text.includes(secret))).toEqual([]);
  });

  test("the second run installs and sends nothing, and tells no more than the first in JSON", async () => {
    await using setting = await openRemoteSetting(hosts);
    const [before, rules] = [
      await lookAtAll(),
      await Promise.all([readRules(hosts, 0), readRules(hosts, 1)]),
    ];
    const { code, stdout, stderr } = await setting.remote([
      ...["--loads=50", "--duration=2", "--warm-up=1", "--cleanup-thorough"],
      ...["--json", "--log-format=json", "--verbose"],
    ]).ended;
    expect(code).toBe(0);
    const steps = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; step?: string; ready_after_ms?: number });
    const said = steps.flatMap(({ step }) => step ?? []);
    for (const name of names) expect(said).toContain(`${name}: the image is already there`);
    expect(said.filter((step) => /install|docker|sending|starting the/i.test(step))).toEqual([]);
    const { runs } = JSON.parse(stdout) as { runs: RemoteRun[] };
    expect(runs).toHaveLength(1);
    for (const run of runs) await expectGoodRun(run, names);
    await expectAsBefore(hosts, before);
    expect(await Promise.all([readRules(hosts, 0), readRules(hosts, 1)])).toEqual(rules);

    const privateKey = await readPrivateKey();
    for (const line of privateKey) expect(stdout + stderr).not.toContain(line);
  });

  test("prepare finds nothing to do, and clean nothing but the image", async () => {
    await using setting = await openRemoteSetting(hosts);
    const onHosts = (...words: string[]) =>
      setting.start("baleen", ["hosts", ...words, `--hosts=${setting.hostsFile}`, "--json"]).ended;
    const prepared = await onHosts("prepare");
    expect([prepared.code, JSON.parse(prepared.stdout)]).toMatchObject([
      0,
      { hosts: names.map((name) => ({ name, ready: true, steps: [] })) },
    ]);
    const cleaned = await onHosts("clean", "--images");
    const images = [expect.stringMatching(/^baleen\/validator:/)];
    expect([cleaned.code, JSON.parse(cleaned.stdout)]).toMatchObject([
      0,
      { hosts: names.map((name) => ({ name, runs: [], images })), removals: [] },
    ]);
  });

  /** Lines of its own. */
  async function readPrivateKey(): Promise<readonly string[]> {
    return (await readFile(hosts.keyFile, "utf8")).split("\n").filter((line) => !/^-|^$/.test(line));
  }
});
