import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";

const bin = fileURLToPath(new URL("../../bin", import.meta.url));

let home: string;
const running = new Set<ChildProcess>();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "baleen-cli-"));
});

afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  await rm(home, { recursive: true, force: true });
});

/** Starts a built binary on processes, with results and state in a folder of the test's own. */
function start(name: string, args: readonly string[]) {
  const child = spawn(process.execPath, [join(bin, `${name}.js`), ...args], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_STATE_HOME: join(home, "state"),
      BALEEN_RUNTIME: "process",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const seen = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    seen.stderr += text;
  });
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return { code: code as number | null, ...seen };
  });
  const says = (line: string) =>
    until(() => (seen.stderr.split("\n").includes(line) ? true : undefined), {
      timeoutMs: 60_000,
      everyMs: 20,
      describe: () => `never said "${line}":\n${seen.stderr}`,
    });
  return { child, seen, ended, says };
}

const short = ["--duration=2", "--warm-up=1"];

/** The one bundle of this test. */
async function bundle(): Promise<string> {
  const [folder, ...more] = await readdir(join(home, "benchmarks"));
  expect(more).toEqual([]);
  return join(home, "benchmarks", folder ?? "");
}

/** What runs as processes keep while they live. */
async function runFolders(): Promise<string[]> {
  return await readdir(join(home, "state", "baleen", "runs"));
}

describe("benchmark", () => {
  test("two loads: a block each, a table, files, exit 0, and nothing left", async () => {
    const { code, stdout, stderr } = await start("benchmark", ["--loads=50,100", ...short]).ended;
    expect(stderr).not.toMatch(/^error:/m);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /BENCHMARK RESULT #1\n=+\nNetwork Type: local\nInput Load: 50 tx\/s\nDuration: 2s\n/,
    );
    expect(stdout).toMatch(/BENCHMARK RESULT #2\n/);
    expect(stdout).toMatch(/\nSUMMARY\n/);
    const folder = await bundle();
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(`Results: ${folder}`);
    const run = JSON.parse(await readFile(join(folder, "local_benchmark_2_100txs.json"), "utf8"));
    expect(run).toMatchObject({
      network_type: "local",
      benchmark_number: 2,
      parameters: { nodes: 4, load: 100, duration: 2, transaction_size: 512, faults: 0 },
      results: { successful_transactions: 200, failed_transactions: 0 },
    });
    expect(existsSync(join(folder, "manifest.json"))).toBe(true);
    expect(await runFolders()).toEqual([]);
  });

  test("--json makes standard output one document; --config and the environment reach it", async () => {
    await writeFile(
      join(home, "sweep.yaml"),
      "loads: [50]\nnumTransactions: 30\nwarm-up: 0\nfile-output: false\n",
    );
    const { code, stdout } = await start("baleen", ["benchmark", "--config", "sweep.yaml", "--json"]).ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      finished_runs: 1,
      runs: [{ parameters: { load: 50, runtime: "process" }, results: { successful_transactions: 30 } }],
    });
    expect(existsSync(join(home, "benchmarks"))).toBe(false);
  });

  test("every fault of command line and environment at once, exit 2, nothing started", async () => {
    await writeFile(join(home, "file"), "");
    const args = [
      "--loads=100,,x",
      "--lods",
      "5",
      "--committee=3",
      "--transaction-size=1",
      "--output-dir=file/below",
    ];
    const { code, stdout, stderr } = await start("benchmark", args).ended;
    expect(code).toBe(2);
    expect(stdout).toBe("");
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toEqual([
      "error: --lods: no such option. Did you mean --loads?",
      expect.stringMatching(
        /^error: --committee: 3 nodes tolerate f = 0 faults; a committee of at least 4 tolerates 1\./,
      ),
      expect.stringMatching(/^error: --loads: item 2 of "100,,x" is empty\./),
      expect.stringMatching(/^error: --loads: item 3, "x", is not a number\./),
      expect.stringMatching(/^error: --transaction-size: 1 is below the minimum of \d+ bytes\./),
      expect.stringMatching(/^error: Cannot write .*file.below: /),
    ]);
  });

  test.each<[string, NodeJS.Signals, string]>([
    ["while the network starts", "SIGTERM", "starting 4 nodes as processes"],
    ["in the warm-up", "SIGINT", "warming up"],
    ["in the window", "SIGINT", "measuring"],
  ])("a signal %s ends it: 130, whole files, nothing left", async (_, signal, line) => {
    const { child, ended, says } = start("benchmark", ["--loads=50", "--duration=60", "--warm-up=2"]);
    await says(line);
    child.kill(signal);
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`Interrupted (${signal}): cleaning up.`);
    expect(stderr).not.toMatch(/^error:/m);
    const summary = JSON.parse(await readFile(join(await bundle(), "summary.json"), "utf8"));
    expect(summary).toMatchObject({
      planned_runs: 1,
      finished_runs: 0,
      ended_early: `Interrupted by ${signal}.`,
    });
    expect(await runFolders()).toEqual([]);
  });

  test("a run that finished before the signal keeps its file", async () => {
    const { child, ended, says } = start("benchmark", ["--loads=50,60", ...short]);
    await says("Run 2: 60 tx/s");
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/BENCHMARK RESULT #1\n/);
    const folder = await bundle();
    const run = JSON.parse(await readFile(join(folder, "local_benchmark_1_50txs.json"), "utf8"));
    expect(run.results.successful_transactions).toBe(100);
    expect(existsSync(join(folder, "local_benchmark_2_60txs.json"))).toBe(false);
  });

  test("a reader that goes away ends it without a word of it", async () => {
    const { child, ended, says } = start("benchmark", ["--loads=50,60", ...short]);
    await says("measuring");
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/EPIPE|error:/);
    expect(await runFolders()).toEqual([]);
  });

  test("a second one on this machine is refused, and the first is named", async () => {
    const first = start("local-network", ["--num-transactions=3000"]);
    await first.says("warming up");
    const { code, stderr } = await start("benchmark", ["--loads=50", ...short]).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^error: Another run is under way on this machine: .*process ${first.child.pid} `),
    );
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
  });
});

test("local-network prints its statistics and writes no files", async () => {
  const { code, stdout, stderr } = await start("local-network", ["--num-transactions=150", "--quiet"]).ended;
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^TRANSACTION STATISTICS\n=+\nTotal transactions: 150\nSuccessful transactions: 150\nFailed transactions: 0\n/,
  );
  expect(await readdir(home)).toEqual(["state"]);
});
