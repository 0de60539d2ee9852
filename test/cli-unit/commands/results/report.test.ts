import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runReport } from "../../../../src/cli/commands/results/report.ts";
import type { Assertion } from "../../../../src/contracts/results/assertion.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { parseAssertion } from "../../../../src/options/rules/assertion.ts";
import { runOf } from "../../../results/sample-comparisons.ts";
import { generatorLimitedRun, invalidRun, sweepParameters } from "../../../results/sample-results.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";

const report = (argv: readonly string[], json = false) =>
  runAlone(argv, { command: runReport, name: "report", settings: { json } });

function assertion(text: string): Assertion {
  const found = parseAssertion(text);
  if ("problem" in found) throw new Error(found.problem);
  return found.assertion;
}

interface StoreShape {
  readonly assertions?: readonly string[];
  readonly baseline?: string;
  readonly strict?: boolean;
  readonly endedEarly?: string;
  readonly finish?: boolean;
  readonly day?: number;
}

/** A bundle with these runs, whose loads were all that was asked for. */
async function store(folder: string, runs: readonly RunResult[], shape: StoreShape = {}): Promise<string> {
  const { assertions = [], baseline, strict = false, day = 15, ...rest } = shape;
  const parameters = {
    ...sweepParameters,
    loadsTps: runs.map((run) => run.parameters.loadTps),
    strict,
    assertions: assertions.map(assertion),
    baseline,
  };
  return await storeBundle(folder, { ...rest, runs, parameters, wallMs: Date.UTC(2024, 0, day) });
}

const twoLoads = (factor = 1): RunResult[] => [
  runOf({ throughputTps: 95 * factor }),
  { ...runOf({ loadTps: 200, throughputTps: 190 * factor }), benchmarkNumber: 2 },
];

describe("report", () => {
  test("shows the summary again, and writes nothing unasked", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await store(folder.path, twoLoads());
    const { code, stdout } = await report([bundle]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^VERDICT: 2 of 2 runs valid\n\nSUMMARY\n[\s\S]*\n +100 +95\.0 [\s\S]*\n +200 +190\.0 /,
    );
    expect(stdout).not.toContain("ASSERTIONS");
    expect(stdout.endsWith(`\n\nResults: ${bundle}\n`)).toBe(true);
    expect(await readdir(folder.path)).toHaveLength(1);
  });

  test("holds it to what is given, and writes all formats, also where an assertion fails", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await store(folder.path, twoLoads());
    const at = (name: string) => join(folder.path, "new", name);
    const formats = [
      `--junit=${at("report.xml")}`,
      `--markdown=${at("report.md")}`,
      `--bench-json=${at("data")}`,
    ];
    const asserted = ["--assert", "commit.p99<500ms", "--assert=throughput@200>=191"];
    const { code, stdout } = await report([bundle, ...asserted, ...formats]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/\nASSERTIONS\n/);
    expect(stdout).toMatch(/\n +100 commit\.p99<500ms +80\.191 ms +500 ms passed\n/);
    expect(stdout).toMatch(/\n +200 throughput@200>=191tx\/s +190 tx\/s +191 tx\/s FAILED\n/);
    expect((await readdir(join(folder.path, "new"), { recursive: true })).sort()).toEqual([
      "data",
      "data/latency.json",
      "data/throughput.json",
      "report.md",
      "report.xml",
    ]);
    expect(await readFile(at("report.xml"), "utf8")).toContain('tests="6" failures="1"');
    expect(await readFile(at("report.md"), "utf8")).toMatch(
      /^\*\*Benchmark failed\*\*: 1 of 3 assertions failed/,
    );
    const data = JSON.parse(await readFile(at("data/throughput.json"), "utf8")) as { value: number }[];
    expect(data.map(({ value }) => value)).toEqual([95, 190]);
  });

  test("holds it to what the sweep itself was held to, unless told otherwise", async () => {
    await using folder = await makeTemporaryFolder();
    const before = await store(folder.path, twoLoads(1.2), { day: 14 });
    const own = { assertions: ["throughput>-5%"], baseline: before };
    const bundle = await store(folder.path, twoLoads(), own);
    const { code, stdout } = await report([bundle]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/\n +100 throughput>-5% +114 tx\/s +95 tx\/s +108\.3 tx\/s FAILED\n/);
    expect(await report([bundle, "--assert=throughput>90"])).toMatchObject({ code: 0 });
    const again = await report([bundle, `--baseline=${bundle}`]);
    expect(again.code).toBe(0);
    await rm(before, { recursive: true });
    const without = await report([bundle, `--markdown=${join(folder.path, "report.md")}`]);
    expect(without.code).toBe(3);
    expect(without.stdout).toContain("throughput>-5% at 100 tx/s: baseline: it cannot be read\n");
    expect(without.stderr).toContain(
      `warning: The baseline of the sweep: Cannot use ${before}: the folder does not exist.\n`,
    );
    expect(await readFile(join(folder.path, "report.md"), "utf8")).toContain("**Benchmark failed**");
    expect(await report([bundle, `--baseline=${before}`])).toMatchObject({
      code: 2,
      diagnostics: [`--baseline: Cannot use ${before}: the folder does not exist.`],
    });
  });

  test("takes a list from a file; flags count before it, all of them", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await store(folder.path, twoLoads());
    const file = "assert:\n  - failed<=0\n  - throughput@200>=191\n";
    const withFile = (argv: readonly string[]) =>
      runAlone([bundle, "--config=a.yaml", ...argv], { command: runReport, name: "report", file });
    const { code, stdout } = await withFile([]);
    expect(code).toBe(3);
    expect(stdout.match(/ (passed|FAILED)$/gm)).toEqual([" passed", " passed", " FAILED"]);
    expect((await withFile(["--assert=failed<1", "--assert=failed<2"])).stdout).not.toContain("failed<=0");
  });

  test("is one JSON document with --json: the runs' files, the parameters and the assertions", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await store(folder.path, twoLoads());
    const { code, stdout } = await report([bundle, "--assert=failed<=0"], true);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: "baleen.results/1", bundle, finished_runs: 2 });
    expect(document.parameters).toEqual(JSON.parse(await readFile(join(bundle, "parameters.json"), "utf8")));
    expect(document.runs[0]).toEqual(
      JSON.parse(await readFile(join(bundle, "local_benchmark_1_100txs.json"), "utf8")),
    );
    const common = { assertion: "failed<=0", unit: "transactions", value: 0, limit: 0, passed: true };
    expect(document.assertions).toEqual([
      { ...common, load: 100 },
      { ...common, load: 200 },
    ]);
  });

  test("fails with the verdicts of the runs, the generator's where the sweep was strict or it is asked", async () => {
    await using folder = await makeTemporaryFolder();
    const bad = await store(folder.path, [{ ...invalidRun, benchmarkNumber: 1 }], { day: 13 });
    expect((await report([bad])).code).toBe(3);
    const limited = await store(folder.path, [{ ...generatorLimitedRun, benchmarkNumber: 1 }], { day: 14 });
    expect((await report([limited])).code).toBe(0);
    expect((await report([limited, "--strict"])).code).toBe(3);
    const strict = await store(folder.path, [{ ...generatorLimitedRun, benchmarkNumber: 1 }], {
      strict: true,
    });
    expect((await report([strict])).code).toBe(3);
    expect((await report([strict, "--no-strict"])).code).toBe(0);
  });

  test("tells of a sweep that ended early, at whose last loads nothing holds", async () => {
    await using folder = await makeTemporaryFolder();
    const parameters = { ...sweepParameters, loadsTps: [100, 200] };
    const bundle = await storeBundle(folder.path, { runs: [runOf()], parameters, endedEarly: "interrupted" });
    const file = join(folder.path, "report.xml");
    const { code, stdout } = await report([bundle, "--assert=failed<=0", `--junit=${file}`]);
    expect(code).toBe(3);
    expect(stdout).toContain("\nENDED EARLY after 1 of 2 runs: interrupted\n");
    expect(stdout).toContain("failed<=0 at 200 tx/s: no run finished\n");
    expect(await readFile(file, "utf8")).toContain('<error type="ended-early"');
    expect((await report([bundle])).code).toBe(3);
  });

  test("refuses two files at one path: the last one alone would be there", async () => {
    await using folder = await makeTemporaryFolder();
    const bundle = await store(folder.path, twoLoads());
    const at = (name: string) => join(folder.path, name);
    const files = [`--junit=${at("one.xml")}`, `--markdown=${at("data/../one.xml")}`];
    expect(await report([bundle, ...files, `--bench-json=${at("data")}`])).toMatchObject({
      code: 2,
      diagnostics: [`--junit and --markdown: both name ${at("one.xml")}. Use a different path for each.`],
    });
    const inside = [`--markdown=${at("data/latency.json")}`, `--bench-json=${at("data")}`];
    expect(await report([bundle, ...inside])).toMatchObject({
      code: 2,
      diagnostics: [
        `--markdown and --bench-json: both name ${at("data/latency.json")}. Use a different path for each.`,
      ],
    });
  });

  test("refuses a baseline that was measured in another way, or lacks a load, by name", async () => {
    await using folder = await makeTemporaryFolder();
    const short = runOf({ parameters: { durationSecs: 60, runtime: "docker" } });
    const before = await store(folder.path, [short], { day: 14 });
    const bundle = await store(folder.path, twoLoads());
    expect(await report([bundle, "--assert=throughput>-5%", `--baseline=${before}`])).toMatchObject({
      code: 2,
      diagnostics: [
        `--baseline ${before}: it has no run at 200 tx/s that is not invalid, and "throughput>-5%" is measured from one. Use another baseline, or limit the assertion to its loads with METRIC@LOAD.`,
        `--baseline ${before}: its duration is 60, but here it is 180. Make them the same, or use another baseline.`,
      ],
    });
  });

  test("tells all faults at once: of options, of the bundle and of where files go", async () => {
    await using folder = await makeTemporaryFolder();
    const killed = await store(folder.path, twoLoads(), { finish: false });
    const argv = [killed, "--assert=faild<1", `--junit=${folder.path}`, "--assert=throughput>-5"];
    expect(await report(argv)).toMatchObject({
      code: 2,
      diagnostics: [
        '--assert: "faild<1": unknown metric "faild". Did you mean failed?',
        '--assert: "throughput>-5": its unit is missing. Give the change against the baseline in %, such as -5%.',
        `Cannot use ${killed}: manifest.json is not there: its sweep was killed, or goes on. Continue a killed one with: benchmark --resume ${killed}`,
        `--junit: ${folder.path} is a folder. Name a file.`,
      ],
    });
    const bundle = await store(folder.path, twoLoads(), { day: 16 });
    expect(await report([bundle, "--assert=failed@50<1", "--assert=throughput>-5%"])).toMatchObject({
      code: 2,
      diagnostics: [
        '--assert: "failed@50<1" is about 50 tx/s, and the loads are 100, 200. Name one of them, or remove @50.',
        expect.stringMatching(/^--assert: "throughput>-5%" is about a change, /),
      ],
    });
    expect(await report([])).toMatchObject({ diagnostics: ["the bundle is missing. Give BUNDLE."] });
  });
});
