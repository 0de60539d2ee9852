import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCompare } from "../../src/cli/compare-command.ts";
import type { CommandContext } from "../../src/cli/context.ts";
import { gatherOptions } from "../../src/cli/sources.ts";
import { openTerminal } from "../../src/cli/terminal.ts";
import { systemClock } from "../../src/core/clock.ts";
import { ConfigurationError } from "../../src/core/errors.ts";
import { runOf } from "../bundle/sample-comparisons.ts";
import { openValidator } from "../bundle/schemas.ts";
import { storeBundle } from "../bundle/stored-bundle.ts";
import { makeTemporaryFolder } from "../bundle/temporary-folder.ts";
import { RecordedStream } from "./streams.ts";

async function compare(argv: readonly string[], { json = false } = {}) {
  const stdout = new RecordedStream();
  const terminal = openTerminal({
    stdout,
    stderr: new RecordedStream(),
    env: {},
    onBrokenOutput: () => {},
  });
  const request = gatherOptions("compare", { argv, env: {}, readFile: () => "" });
  const context: CommandContext = {
    terminal,
    settings: { json, consoleOutput: true, quiet: false, verbose: false, logFormat: "text" },
    clock: systemClock,
    env: {},
    version: "0",
    signal: new AbortController().signal,
    setLeftBehind: () => {},
  };
  const code = await runCompare(request, context);
  return { code, stdout: stdout.text };
}

/** What is wrong, a line each. */
async function faultsOf(argv: readonly string[]): Promise<readonly string[]> {
  const error: unknown = await compare(argv).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigurationError)) throw error;
  return error.faults.map(({ message }) => message);
}

async function twoBundles(folder: string): Promise<[string, string]> {
  const loads = [runOf(), { ...runOf({ loadTps: 200, throughputTps: 190 }), benchmarkNumber: 2 }];
  const a = await storeBundle(folder, { runs: loads });
  const slower = [runOf({ throughputTps: 47.5, parameters: { durationSecs: 60 } })];
  const b = await storeBundle(folder, { runs: slower, wallMs: Date.UTC(2024, 0, 16) });
  return [a, b];
}

describe("compare", () => {
  test("shows what two bundles have in common, and writes nothing unasked", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await twoBundles(folder.path);
    const { code, stdout } = await compare([a, b]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^COMPARISON\n=+\n/);
    expect(stdout).toContain("  duration: 180 and 60\n");
    expect(stdout).toMatch(/\n +100 Throughput, tx\/s +95\.0 +47\.5 0\.500 -47\.5\n/);
    expect(stdout).toContain("Only in A: 200 tx/s\n");
    expect(stdout).toMatch(/100 tx\/s: no verdict \(1 run a side; four are needed\)\n$/);
    expect(await readdir(folder.path)).toHaveLength(2);
  });

  test("takes files of runs, and is one JSON document with --json", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await twoBundles(folder.path);
    const file = "local_benchmark_1_100txs.json";
    const { stdout } = await compare([join(a, file), join(b, file)], { json: true });
    const document = JSON.parse(stdout);
    expect((await openValidator("comparison"))(document)).toEqual([]);
    expect(document.loads[0].metrics.throughput).toEqual({ a: 95, b: 47.5, ratio: 0.5, difference: -47.5 });
  });

  test("writes both forms where a folder is given, the same as it shows", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await twoBundles(folder.path);
    const outputDir = join(folder.path, "new", "one");
    const { stdout } = await compare([a, b, "--output-dir", outputDir]);
    expect((await readdir(outputDir)).sort()).toEqual(["comparison.json", "comparison.txt"]);
    const text = await readFile(join(outputDir, "comparison.txt"), "utf8");
    expect(stdout).toBe(`${text}\nComparison: ${join(outputDir, "comparison.txt")}\n`);
    const document: unknown = JSON.parse(await readFile(join(outputDir, "comparison.json"), "utf8"));
    expect((await openValidator("comparison"))(document)).toEqual([]);
    expect(JSON.parse((await compare([a, b], { json: true })).stdout)).toEqual(document);
  });

  test("refuses what was changed, what was killed and what is not there, all at once", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await twoBundles(folder.path);
    await writeFile(join(a, "summary.txt"), "better words\n");
    await rm(join(b, "manifest.json"));
    expect(await faultsOf([a, b])).toEqual([
      `Cannot use ${join(a, "summary.txt")}: it was changed since the sweep ended: manifest.json has another hash.`,
      `Cannot use ${b}: manifest.json is not there: its sweep was killed, or goes on. Continue a killed one with: benchmark --resume ${b}`,
    ]);
    expect(await faultsOf([join(folder.path, "none"), "--ouput-dir=x"])).toEqual([
      "--ouput-dir: no such option. Did you mean --output-dir?",
      "the second side is missing. Give B.",
      `Cannot use ${join(folder.path, "none")}: there is no such folder. (ENOENT)`,
    ]);
    expect(await faultsOf([a, b, a])).toContainEqual(expect.stringContaining(`"${a}": an argument without`));
  });
});
