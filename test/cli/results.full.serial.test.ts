/** What a benchmark and a local network report, from real nodes, as processes. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { openValidator } from "../results/schemas.ts";
import { listAll } from "./machine.ts";
import { openSetting } from "./setting.ts";

interface RunFile {
  readonly ledger: {
    readonly scheduled: number;
    readonly unsent: { readonly dropped: number; readonly cut: number };
    readonly sent: Readonly<Record<string, { readonly committed: number; readonly not_seen: number }>>;
  };
  readonly results: {
    readonly efficiency_percent: number;
    readonly failed_transactions: number;
    readonly latency: { readonly commit: { readonly p50_ms: number } };
  };
}

async function readJson<T>(...path: string[]): Promise<T> {
  return JSON.parse(await readFile(join(...path), "utf8")) as T;
}

/** The secrets of all nodes that run. */
async function readKeySeeds(stateDir: string): Promise<string[]> {
  const paths = (await listAll(stateDir)).filter((path) => path.endsWith("validator-key.json"));
  return Promise.all(paths.map(async (path) => (await readJson<{ seed: string }>(stateDir, path)).seed));
}

/** Rows of timeseries.csv: benchmark_number, second, due, sent, acknowledged, committed, … */
async function readSeconds(bundle: string): Promise<number[][]> {
  const text = await readFile(join(bundle, "timeseries.csv"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").map(Number));
}

test("loads 100, 200 and 500: every transaction commits, in time, and each block appears as its load ends", async () => {
  await using setting = await openSetting();
  // What a window's ends cut off is up to one block. At 100 tx/s that is some 10 transactions: 0.7 % of 15 s.
  const seconds = 15;
  const command = setting.start("benchmark", ["--loads=100,200,500", `--duration=${seconds}`, "--warm-up=1"]);
  await command.says("measuring");
  const keySeeds = await readKeySeeds(setting.stateDir);
  await until(() => (command.seen.stdout.includes("\nLEDGER:") ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 20,
    describe: () => `no block:\n${command.seen.stderr}`,
  });
  const early = command.seen;
  expect(early.stderr).not.toMatch(/^Run 2 finished/m);
  expect(early.stdout).toMatch(
    /\nBENCHMARK RESULT #1\n=+\nVERDICT: .*\n(?: {2}.*\n)+\nNetwork Type: local\nInput Load: 100 tx\/s\n/,
  );
  expect(early.stdout).not.toContain("BENCHMARK RESULT #2");

  const { code, stdout, stderr } = await command.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/\nSUMMARY\n/);
  const bundle = await setting.bundle();
  expect(stdout.trimEnd().split("\n").at(-1)).toBe(`Results: ${bundle}`);
  const validate = await openValidator("run");
  for (const [index, load] of [100, 200, 500].entries()) {
    const run = await readJson<RunFile>(bundle, `local_benchmark_${index + 1}_${load}txs.json`);
    expect(validate(run)).toEqual([]);
    const { scheduled, unsent, sent } = run.ledger;
    expect([scheduled, unsent]).toEqual([load * seconds, { dropped: 0, cut: 0 }]);
    const cells = Object.values(sent).map(({ committed, not_seen }) => committed + not_seen);
    expect(cells.reduce((sum, count) => sum + count)).toBe(scheduled);
    expect(run.results.failed_transactions).toBe(0);
    expect(run.results.efficiency_percent).toBeGreaterThan(99);
    expect(run.results.efficiency_percent).toBeLessThan(101);
    expect(run.results.latency.commit.p50_ms).toBeLessThan(400);
  }
  expect((await openValidator("summary"))(await readJson(bundle, "summary.json"))).toEqual([]);
  const { tool } = await readJson<{ tool: { version: string } }>(bundle, "environment.json");
  const { version } = await readJson<{ version: string }>(
    new URL("../../package.json", import.meta.url).pathname,
  );
  expect(tool).toMatchObject({ name: "baleen", version, node: process.version });
  // Nothing that is published holds a key.
  const paths = (await readdir(bundle, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const files = await Promise.all(
    paths.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8")),
  );
  expect(keySeeds).toHaveLength(4);
  for (const seed of keySeeds)
    expect([stdout, stderr, ...files].filter((text) => text.includes(seed))).toEqual([]);
  await setting.expectNothingLeft();
});

describe.concurrent("what measures no time", () => {
  test("600 tx/s are due in every second, and --num-transactions 1000 are 1,000 in the window", async () => {
    await using setting = await openSetting();
    const args = ["--loads=600,400", "--num-transactions=1000", "--warm-up=1", "--json"];
    const { code, stdout } = await setting.start("benchmark", args).ended;
    expect(code).toBe(0);
    const printed = JSON.parse(stdout) as { runs: RunFile[]; bundle: string };
    expect(printed.runs.map(({ ledger }) => ledger.scheduled)).toEqual([1000, 1000]);
    const validate = await openValidator("run");
    expect(printed.runs.flatMap(validate)).toEqual([]);
    const bundle = await setting.bundle();
    expect(printed.bundle).toBe(bundle);
    expect(await readJson(bundle, "local_benchmark_1_600txs.json")).toEqual(printed.runs[0]);
    const rows = await readSeconds(bundle);
    const due = (run: number) =>
      rows.filter(([number]) => number === run).map(([, second, count]) => [second, count]);
    // 1,000 take 1.67 s at 600 tx/s, 2.5 s at 400 tx/s; the second before 0 is the warm-up.
    expect(due(1).slice(0, 3)).toEqual([
      [-1, 600],
      [0, 600],
      [1, 400],
    ]);
    expect(due(2).slice(0, 4)).toEqual([
      [-1, 400],
      [0, 400],
      [1, 400],
      [2, 200],
    ]);
    await setting.expectNothingLeft();
  });

  test("local-network prints its statistics, and writes files where a folder is given alone", async () => {
    await using setting = await openSetting();
    const args = ["--num-transactions=150", "--quiet"];
    const { code, stdout, stderr } = await setting.start("local-network", args).ended;
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^TRANSACTION STATISTICS\n=+\nVERDICT: /);
    expect(stdout).toContain(
      "\n\nTotal transactions: 150\nSuccessful transactions: 150\nFailed transactions: 0\n",
    );
    expect(await readdir(setting.home)).toEqual(["state"]);

    const written = setting.start("local-network", [
      ...args,
      "--transaction-rate=150",
      "--output-dir=benchmarks",
    ]);
    expect((await written.ended).code).toBe(0);
    const run = await readJson<RunFile>(await setting.bundle(), "local_benchmark_1_150txs.json");
    expect(run.ledger.scheduled).toBe(150);
    await setting.expectNothingLeft();
  });

  test("local-network at its defaults plans 1,000 transactions of 512 bytes at 100 tx/s; a signal ends it: 130", async () => {
    await using setting = await openSetting();
    const command = setting.start("local-network", ["--json"]);
    await command.says("measuring");
    command.child.kill("SIGINT");
    const { code, stdout } = await command.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      finished_runs: 0,
      ended_early: "Interrupted by SIGINT.",
      parameters: { loads: [100], num_transactions: 1000, transaction_size: 512, startup_wait_secs: 30 },
    });
    await setting.expectNothingLeft();
  });
});
