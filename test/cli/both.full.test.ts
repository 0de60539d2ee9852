/** Sweeps over both networks, and remote ones that are gone on with, on stand-ins for hosts. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Deployer, Network } from "../../src/contracts/deployment.ts";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { openValidator } from "../results/schemas.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { benchmark, oneHost } from "./in-process.ts";

const short = ["--loads=40,60", "--duration=1", "--warm-up=0"];
const both = ["--network-type=both", ...short];

async function onlyFolder(folder: string): Promise<string> {
  const names = await readdir(join(folder, "benchmarks"));
  expect(names).toHaveLength(1);
  return join(folder, "benchmarks", String(names[0]));
}

const readJson = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path, "utf8"));

describe("benchmark --network-type both", () => {
  test("runs the same loads on either, keeps a whole bundle of each, and compares them", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const { code, stdout } = await benchmark(both, { folder, env: oneHost });
    expect(code).toBe(0);
    const top = await onlyFolder(folder);
    expect(top).toMatch(/\/\d{8}T\d{6}Z-both-[0-9a-f]{8}$/);
    expect((await readdir(top)).sort()).toEqual([
      "comparison.json",
      "comparison.txt",
      "local",
      "remote",
      "report.html",
    ]);
    for (const side of ["local", "remote"] as const) {
      const { runs, end } = await readBundle(join(top, side));
      expect(runs.map(({ parameters }) => [parameters.networkType, parameters.loadTps])).toEqual([
        [side, 40],
        [side, 60],
      ]);
      expect([end?.plannedRuns, end?.endedEarly]).toEqual([2, undefined]);
      expect(stdout).toContain(`Network Type: ${side}\n`);
      expect(stdout).toContain(`\nResults: ${join(top, side)}\n`);
    }
    const text = await readFile(join(top, "comparison.txt"), "utf8");
    expect(stdout.endsWith(`\n${text}\nComparison: ${join(top, "comparison.txt")}\n`)).toBe(true);
    expect(text).toContain("\n60 tx/s: no verdict (1 run a side; 5 are needed)\n");
    expect(text).toMatch(
      /^60 tx\/s, runs of A: 1 [\w-]+; [01] of 1 disturbed, up to [\d.]+% of the seconds$/m,
    );
    const comparison = await readJson(join(top, "comparison.json"));
    expect((await openValidator("comparison"))(comparison)).toEqual([]);
    expect(comparison).toMatchObject({
      a: { path: join(top, "local"), network_type: "local", runs: 2 },
      b: { path: join(top, "remote"), network_type: "remote", runs: 2 },
      only_a: [],
      only_b: [],
    });
  });

  test("is one JSON document with --json, and writes nothing where that is not wanted", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const { code, stdout } = await benchmark([...both, "--no-file-output"], {
      folder,
      env: oneHost,
      json: true,
    });
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect((await openValidator("comparison"))(document.comparison)).toEqual([]);
    expect(document).toMatchObject({
      schema: "baleen.both/1",
      local: { schema: "baleen.results/1", finished_runs: 2, parameters: { cleanup: "thorough" } },
      remote: { schema: "baleen.results/1", finished_runs: 2, parameters: { cleanup: "keep" } },
      comparison: { a: { path: "local" }, b: { path: "remote" } },
    });
    expect(document).not.toHaveProperty("bundle");
    await expect(readdir(join(folder, "benchmarks"))).rejects.toThrow("ENOENT");
  });

  test("compares no halves: where the first is interrupted, it is whole, and the second never begins", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const interruptWhen = (said: string) => /Run 2: 60 tx\/s[\s\S]*\nmeasuring\n/.test(said);
    const { code, stdout } = await benchmark(both, { folder, env: oneHost, interruptWhen });
    expect(code).toBe("interrupted");
    expect(stdout).toMatch(
      /\nNo comparison: the local sweep ended early, and an incomplete sweep cannot be compared\.\n$/,
    );
    const top = await onlyFolder(folder);
    expect(await readdir(top)).toEqual(["local"]);
    const { runs, end } = await readBundle(join(top, "local"));
    expect([runs.length, end?.plannedRuns]).toEqual([1, 2]);
  });

  test("compares both where only the sweep with measured links fails, and says so", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const twoHosts = { MYSTICETI_NODE0_HOST: "127.0.0.1", MYSTICETI_NODE1_HOST: "127.0.0.2" };
    const pairs = [{ from: "host0", to: "host1", rttMs: 10 }];
    const wrap = (deployer: Deployer): Deployer => ({
      ...deployer,
      deploy: async (plan, options) => {
        if (plan.links !== undefined) throw new Error("no room for links");
        const network = await deployer.deploy(plan, options);
        return { ...network, measureLinks: async () => ({ hosts: [], pairs }) };
      },
    });
    const args = [...both, "--explain-links"];
    const found = benchmark(args, { folder, env: twoHosts, nodes: 2, wrap });
    await expect(found).rejects.toThrow("no room for links");
    const top = await onlyFolder(folder);
    const text = await readFile(join(top, "comparison.txt"), "utf8");
    expect(text).toContain("\n60 tx/s: no verdict (1 run a side; 5 are needed)\n");
    const why = "the local sweep with the remote network's delays ended early: no room for links";
    expect(text).toContain(`\nLinks are not explained: ${why}`);
    const comparison = await readJson(join(top, "comparison.json"));
    expect(comparison).toMatchObject({ a: { runs: 2 }, b: { runs: 2 }, unexplained: why });
    expect((await openValidator("comparison"))(comparison)).toEqual([]);
  });

  test("tells the faults of both before anything is started", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const { code, diagnostics } = await benchmark([...both, "--duration=0"], { folder });
    expect(code).toBe(2);
    expect(diagnostics.filter((diagnostic) => diagnostic.startsWith("--duration"))).toHaveLength(1);
    expect(diagnostics).toContainEqual(expect.stringContaining("MYSTICETI_NODE0_HOST"));
    await expect(readdir(join(folder, "benchmarks"))).rejects.toThrow("ENOENT");
  });
});

describe("a remote sweep that was interrupted", () => {
  const remote = ["--network-type=remote", ...short, "--host-key-policy=accept-new", "--rpc-via=ssh"];
  const interruptWhen = (said: string) => /Run 2: 60 tx\/s[\s\S]*\nmeasuring\n/.test(said);

  test("is gone on with on the same hosts, which are given again, and on no others", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    expect((await benchmark(remote, { folder, env: oneHost, interruptWhen })).code).toBe("interrupted");
    const bundle = await onlyFolder(folder);

    const nowhere = await benchmark(["--resume", bundle], { folder });
    expect(nowhere.diagnostics).toContainEqual(expect.stringContaining("MYSTICETI_NODE0_HOST"));
    const elsewhere = await benchmark(["--resume", bundle], {
      folder,
      env: { MYSTICETI_NODE0_HOST: "127.0.0.2" },
    });
    expect(elsewhere.diagnostics).toEqual([
      expect.stringMatching(/^hosts: .*127\.0\.0\.2.* is not what the sweep began with, .*127\.0\.0\.1/),
    ]);
    expect((await readBundle(bundle)).runs).toHaveLength(1);

    const resumed = await benchmark(["--resume", bundle], { folder, env: oneHost });
    expect([resumed.code, resumed.diagnostics]).toEqual([0, []]);
    const { runs, end } = await readBundle(bundle);
    expect([runs.length, end?.plannedRuns, end?.endedEarly]).toEqual([2, 2, undefined]);
  });
});

describe("a network with hosts of its own", () => {
  /** Its links can be measured once, and a connection is lost for a moment in each run. */
  const withHosts = (deployer: Deployer): Deployer => ({
    ...deployer,
    deploy: async (plan, options) => {
      const network = await deployer.deploy(plan, options);
      let measured = 0;
      const measureLinks: NonNullable<Network["measureLinks"]> = async () => {
        measured += 1;
        if (measured > 1) throw new Error("no ping");
        options.emit({ type: "host-link", host: "host0", state: "lost", reason: "gone quiet" });
        return { hosts: [{ name: "host0", coordinatorRttMs: 1.25 }], pairs: [] };
      };
      return {
        runtime: network.runtime,
        nodes: network.nodes,
        endpoint: network.endpoint,
        onExit: network.onExit,
        stop: network.stop,
        describe: network.describe,
        [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
        measureLinks,
      };
    },
  });

  test("has its links and gaps in the run's file and block, and the run is valid", async () => {
    await using temporary = await makeTemporaryFolder();
    const folder = temporary.path;
    const args = ["--network-type=remote", "--loads=40", "--duration=1", "--warm-up=0"];
    const { code, stdout, stderr } = await benchmark(args, { folder, env: oneHost, wrap: withHosts });
    expect(code).toBe(0);
    const run = await readJson(join(await onlyFolder(folder), "remote_benchmark_1_40txs.json"));
    expect((await openValidator("run"))(run)).toEqual([]);
    expect(run.links).toEqual({
      before: { hosts: [{ name: "host0", coordinator_rtt_ms: 1.25 }], pairs: [] },
    });
    expect(run.link_gaps).toEqual([
      { host: "host0", lost_secs: expect.any(Number), reason: "gone quiet", given_up: false },
    ]);
    expect(stdout).toContain("\nHOSTS: round trips in ms, min / median / max\n");
    expect(stderr).toContain("could not be measured: no ping");
  });
});
