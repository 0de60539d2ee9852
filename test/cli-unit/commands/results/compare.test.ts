import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCompare } from "../../../../src/cli/commands/results/compare.ts";
import { gatherOptions } from "../../../../src/cli/options/sources.ts";
import { openCommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import type { CommandContext } from "../../../../src/cli/terminal/context.ts";
import { openTerminal } from "../../../../src/cli/terminal/terminal.ts";
import type { CalibratedLoad } from "../../../../src/contracts/results/calibration.ts";
import { systemClock } from "../../../../src/core/clock.ts";
import { ConfigurationError } from "../../../../src/core/errors.ts";
import { calibrateLoads } from "../../../../src/results/analysis/comparison/calibrate.ts";
import { parameterTexts } from "../../../../src/results/analysis/comparison/parameter-differences.ts";
import { certifyLinks } from "../../../../src/results/analysis/links/certify.ts";
import { writeCalibration } from "../../../../src/results/bundle/comparison-files.ts";
import { repeated, runOf } from "../../../results/sample-comparisons.ts";
import { delayed, linkedRun, linkProbes, sampleLink } from "../../../results/sample-links.ts";
import { sweepParameters, validRun } from "../../../results/sample-results.ts";
import { openValidator } from "../../../results/schemas.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { RecordedStream } from "../../streams.ts";

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
    settings: { json, consoleOutput: true, quiet: false, verbose: false, live: true, logFormat: "text" },
    clock: systemClock,
    env: {},
    version: "0",
    signal: new AbortController().signal,
    setLeftBehind: () => {},
  };
  const code = await runCompare(request, context, openCommandBackend({}));
  return { code, stdout: stdout.text };
}

/** What is wrong, a line each. */
async function diagnosticsOf(argv: readonly string[]): Promise<readonly string[]> {
  const error: unknown = await compare(argv).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigurationError)) throw error;
  return error.diagnostics.map(({ message }) => message);
}

async function twoBundles(folder: string): Promise<[string, string]> {
  const loads = [runOf(), { ...runOf({ loadTps: 200, throughputTps: 190 }), benchmarkNumber: 2 }];
  const a = await storeBundle(folder, { runs: loads });
  const slower = [runOf({ throughputTps: 47.5, parameters: { durationSecs: 60 } })];
  const b = await storeBundle(folder, { runs: slower, wallMs: Date.UTC(2024, 0, 16) });
  return [a, b];
}

const allowed = "--allow-different=duration";

/** Two bundles of five runs each; the second has a tenth less throughput. */
async function repeatedBundles(folder: string): Promise<[string, string]> {
  const numbered = (factor: number) =>
    repeated(factor).map((run, index) => ({ ...run, benchmarkNumber: index + 1 }));
  const parameters = { ...sweepParameters, loadsTps: [100, 100, 100, 100, 100] };
  const a = await storeBundle(folder, { runs: numbered(1), parameters });
  const b = await storeBundle(folder, { runs: numbered(0.9), parameters, wallMs: Date.UTC(2024, 0, 16) });
  return [a, b];
}

/** The calibration of runs like those, as a file, with this change. */
async function storeCalibration(folder: string, spread: number, change: Partial<CalibratedLoad> = {}) {
  const runs = repeated().flatMap((run, index) => [
    run,
    { ...run, throughputTps: run.throughputTps * (index % 2 === 0 ? 1 + spread : 1 - spread) },
  ]);
  const loads = calibrateLoads(runs).map((load) => ({ ...load, ...change }));
  const path = join(folder, "calibration.json");
  const timestamp = "2024-01-15T10:40:00.000Z";
  await writeCalibration(path, { networkType: "local", timestamp, environment: {}, loads });
  return path;
}

describe("compare", () => {
  test("shows what two bundles have in common, and writes nothing unasked", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await twoBundles(folder.path);
    const { code, stdout } = await compare([a, b, allowed]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^COMPARISON\n=+\n/);
    expect(stdout).toContain("  duration: 180 and 60\n");
    expect(stdout).toMatch(/\n +100 Throughput, tx\/s +95\.0 +47\.5 0\.500 -47\.5\n/);
    expect(stdout).toContain("Only in A: 200 tx/s\n");
    expect(stdout).toMatch(/100 tx\/s: no verdict \(1 run a side; 5 are needed\)\n$/);
    expect(await readdir(folder.path)).toHaveLength(2);
  });

  test("takes files of runs, and is one JSON document with --json", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await twoBundles(folder.path);
    const file = "local_benchmark_1_100txs.json";
    const { stdout } = await compare([join(a, file), join(b, file), allowed], { json: true });
    const document = JSON.parse(stdout);
    expect((await openValidator("comparison"))(document)).toEqual([]);
    expect(document.loads[0].metrics.throughput).toEqual({ a: 95, b: 47.5, ratio: 0.5, difference: -47.5 });
  });

  test("writes both forms where a folder is given, the same as it shows", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await twoBundles(folder.path);
    const outputDir = join(folder.path, "new", "one");
    const { stdout } = await compare([a, b, allowed, "--output-dir", outputDir]);
    expect((await readdir(outputDir)).sort()).toEqual(["comparison.json", "comparison.txt", "report.html"]);
    const text = await readFile(join(outputDir, "comparison.txt"), "utf8");
    expect(stdout).toBe(`${text}\nComparison: ${join(outputDir, "comparison.txt")}\n`);
    const document: unknown = JSON.parse(await readFile(join(outputDir, "comparison.json"), "utf8"));
    expect((await openValidator("comparison"))(document)).toEqual([]);
    expect(JSON.parse((await compare([a, b, allowed], { json: true })).stdout)).toEqual(document);
  });

  test("refuses, by name, what was not measured in the same way, and compares it where that is allowed", async () => {
    await using folder = await makeTemporaryFolder();
    const a = await storeBundle(folder.path, { runs: [runOf()] });
    const parameters = {
      durationSecs: 60,
      transactionSizeBytes: 64,
      seed: "other",
      runtime: "docker",
    } as const;
    const b = await storeBundle(folder.path, {
      runs: [runOf({ parameters })],
      wallMs: Date.UTC(2024, 0, 16),
    });
    const remedy = "Measure both in the same way, or compare anyway with --allow-different";
    expect(await diagnosticsOf([a, b])).toEqual([
      `duration is 180 in A and 60 in B, which may explain the difference. ${remedy} duration,transaction_size.`,
      `transaction_size is 512 in A and 64 in B, which may explain the difference. ${remedy} duration,transaction_size.`,
    ]);
    expect(await diagnosticsOf([a, b, "--allow-different", "duration,transaction-siz"])).toEqual([
      `transaction_size is 512 in A and 64 in B, which may explain the difference. ${remedy} duration,transaction-siz,transaction_size.`,
      '--allow-different: "transaction-siz" is not a parameter of the measurement. Did you mean transaction_size?',
    ]);
    const { stdout } = await compare([a, b, "--allow-different", "transaction_size, duration"]);
    expect(stdout).toContain("\n  runtime: process and docker\n");
    expect(stdout).toContain(
      "\nLIMITED: not only the systems differ. A and B were measured with:\n  duration",
    );
  });

  test("claims no difference below the one that was asked for, or below the calibration's noise floor", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await repeatedBundles(folder.path);
    expect((await compare([a, b])).stdout).toContain("\n100 tx/s: B is slower: throughput is 0.900 times");
    expect((await compare([a, b, "--min-effect", "12"])).stdout).toContain(
      "\n100 tx/s: no difference seen: throughput differs by less than the 12 % that count",
    );
    const quiet = await storeCalibration(folder.path, 0.01);
    expect((await compare([a, b, "--calibration", quiet])).stdout).toContain("\n100 tx/s: B is slower");
    const noisy = await storeCalibration(folder.path, 0.2);
    const { stdout } = await compare([a, b, "--calibration", noisy], { json: true });
    const document = JSON.parse(stdout);
    expect((await openValidator("comparison"))(document)).toEqual([]);
    expect(document.calibration).toBe(noisy);
    expect(document.loads[0].outcome).toBe("no-difference");
    expect(document.loads[0].metrics.throughput.smallest_effect_percent).toBeGreaterThan(10);
  });

  test("refuses a calibration of something else, and one that is none", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await repeatedBundles(folder.path);
    const remedy = "Calibrate with the options of the compared sweeps.";
    const other = await storeCalibration(folder.path, 0.01, { loadTps: 70 });
    expect(await diagnosticsOf([a, b, "--calibration", other])).toEqual([
      `--calibration ${other}: it has no load of 100 tx/s. ${remedy}`,
    ]);
    const parameters = { ...parameterTexts(repeated()), nodes: "7", protocol: "another" };
    await storeCalibration(folder.path, 0.01, { parameters, metrics: {} });
    expect(await diagnosticsOf([a, b, "--calibration", other])).toEqual([
      `--calibration ${other}: it has no noise floor of throughput at 100 tx/s. ${remedy}`,
      `--calibration ${other}: it has no noise floor of average latency at 100 tx/s. ${remedy}`,
      `--calibration ${other}: nodes is 7 in it and 4 in A. ${remedy}`,
      `--calibration ${other}: nodes is 7 in it and 4 in B. ${remedy}`,
      `--calibration ${other}: its system (local network, process runtime, another) is neither A's nor B's. ${remedy}`,
    ]);
    const text = join(a, "summary.txt");
    expect(await diagnosticsOf([a, b, "--calibration", text])).toEqual([
      `Cannot use ${text}: it is not JSON.`,
    ]);
    const run = join(a, "local_benchmark_1_100txs.json");
    expect(await diagnosticsOf([a, b, "--calibration", run])).toEqual([
      `Cannot use ${run}: it is not a calibration: schema is not baleen.calibration/1.`,
    ]);
  });

  test("refuses what was changed, what was killed and what is not there, all at once", async () => {
    await using folder = await makeTemporaryFolder();
    const [a, b] = await twoBundles(folder.path);
    await writeFile(join(a, "summary.txt"), "better words\n");
    await rm(join(b, "manifest.json"));
    expect(await diagnosticsOf([a, b])).toEqual([
      `Cannot use ${join(a, "summary.txt")}: it has changed since the sweep ended: its hash is not the one in manifest.json.`,
      `Cannot use ${b}: manifest.json is not there: its sweep was killed, or goes on. Continue a killed one with: benchmark --resume ${b}`,
    ]);
    expect(await diagnosticsOf([join(folder.path, "none"), "--ouput-dir=x"])).toEqual([
      "--ouput-dir: no such option. Did you mean --output-dir?",
      `Cannot use ${join(folder.path, "none")}: the folder does not exist. (ENOENT)`,
    ]);
    expect(await diagnosticsOf([a, b, a])).toContainEqual(
      expect.stringContaining(`"${a}": an argument without`),
    );
  });
});

test("links that differ are shown by what was measured of all of them, in the refusal too", async () => {
  await using folder = await makeTemporaryFolder();
  const links = Array.from({ length: 20 }, (_, at) => sampleLink([`node${at}`, "hub"], delayed(10 + at)));
  const probes = { ...linkProbes, name: "wide.yaml", links, linksOfNetwork: 20, ratedLinks: 0 };
  const run = { ...linkedRun, linkCertificate: certifyLinks(probes), linkChanges: [] };
  const parameters = { ...linkedRun.parameters, links: "wide.yaml", timeline: undefined };
  const a = await storeBundle(folder.path, { runs: [{ ...run, parameters }], linkProbes: [probes] });
  const b = await storeBundle(folder.path, { runs: [validRun], wallMs: Date.UTC(2024, 0, 16) });
  const shown = /wide\.yaml: nfqueue, 20 links; one-way delay 19\.\d ms \(10\.\d to 29\.\d ms\)/;
  const [refused] = await diagnosticsOf([a, b]);
  expect(refused).toMatch(
    /^links is wide\.yaml in A and - in B, which may explain the difference\. \(A: wide\.yaml: nfqueue/,
  );
  expect(refused).toMatch(shown);
  const { stdout } = await compare([a, b, "--allow-different=links"]);
  expect(stdout).toMatch(/\nWARNING: not the same conditions\. .* \(name\):\n {2}A: /);
  expect(stdout).toMatch(shown);
  expect(stdout).toContain("\n  B: no emulated links\n");
  const json = JSON.parse((await compare([a, b, "--allow-different=links"], { json: true })).stdout);
  expect((await openValidator("comparison"))(json)).toEqual([]);
  expect(json.links).toMatchObject({ differ: ["names"], a: { links: 20, delay: { least_ms: 10.325 } } });
  // The file of one run, beside which its links lie, says as much.
  const [file = ""] = (await readdir(a)).filter((name) => name.startsWith("local_benchmark_1"));
  expect((await compare([join(a, file), b, "--allow-different=links"])).stdout).toMatch(shown);
});
