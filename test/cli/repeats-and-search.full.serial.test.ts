/** `benchmark --runs` and `--search`: from the command line to the bundle, and gone on with after an early end. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { openSetting, type Setting } from "./setting.ts";

/** Starts a sweep, and ends it while its second run brings up a network. @returns its bundle */
async function endInSecondRun(setting: Setting, args: readonly string[], second: string): Promise<string> {
  const command = setting.start("benchmark", args);
  await command.says(second, 60_000);
  command.child.kill("SIGINT");
  expect((await command.ended).code).toBe(130);
  return await setting.bundle();
}

const readSummary = async (bundle: string) =>
  JSON.parse(await readFile(join(bundle, "summary.json"), "utf8")) as Record<string, unknown>;

test("repeats come in rounds, are gone on with, and are summed up for each load", async () => {
  await using setting = await openSetting();
  const args = ["--loads=40,50", "--runs=2", "--duration=1", "--warm-up=0"];
  const bundle = await endInSecondRun(setting, args, "Run 2: run 1 of 2 at 50 tx/s");
  expect(await readSummary(bundle)).toMatchObject({ planned_runs: 4, finished_runs: 1 });

  const { code, stdout, stderr } = await setting.start("benchmark", ["--resume", bundle]).ended;
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^Run 4: run 2 of 2 at 50 tx\/s$/m);
  expect(stderr).toMatch(/^4 of 4 runs finished$/m);
  expect(stdout).toMatch(/\nOVER 2 RUNS\n[\s\S]*\n +40 [\s\S]*± [\s\S]*\n +50 /);
  const { runs } = await readBundle(bundle);
  expect(runs.map(({ parameters, repetition }) => [parameters.loadTps, repetition])).toEqual([
    [40, 1],
    [50, 1],
    [40, 2],
    [50, 2],
  ]);
  expect(await readSummary(bundle)).toMatchObject({
    planned_runs: 4,
    finished_runs: 4,
    loads: [
      { load: 40, runs: 2, throughput: { low: expect.any(Number), high: expect.any(Number) } },
      { load: 50, runs: 2 },
    ],
  });
  await setting.expectNothingLeft();
});

// Loads that any machine carries, and terms that a hiccup does not break.
const searchArgs = [
  "--search",
  "--search-from=40",
  "--search-to=80",
  "--search-efficiency=50",
  "--search-backlog=50",
  "--duration=5",
  "--warm-up=0.5",
];

test("a search is gone on with after its finished probes, and says what it found", async () => {
  await using setting = await openSetting();
  const bundle = await endInSecondRun(setting, searchArgs, "Run 2: 80 tx/s");
  const early = await readSummary(bundle);
  expect(early).toMatchObject({ finished_runs: 1, search: { outcome: "unfinished", sustained_load: 40 } });
  expect(early).not.toHaveProperty("planned_runs");

  const { code, stdout, stderr } = await setting.start("benchmark", ["--resume", bundle]).ended;
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(
    /, searching for the highest sustained load from 40 to 80 tx\/s, continuing with run 2$/m,
  );
  expect(stderr).toMatch(/^80 tx\/s: sustained$/m);
  expect(stderr).toMatch(/^2 runs finished$/m);
  expect(stdout).toContain("Highest sustained load: at least 80 tx/s, the highest load to try.");
  expect(await readFile(join(bundle, "summary.txt"), "utf8")).toContain("\nSEARCH\n");
  expect(await readSummary(bundle)).toMatchObject({
    finished_runs: 2,
    search: { terms: { from: 40, to: 80 }, outcome: "upper-bound", sustained_load: 80 },
  });

  const again = await setting.start("benchmark", ["--resume", bundle, ...searchArgs]).ended;
  expect(again).toMatchObject({ code: 0, stderr: `${bundle} is complete: 2 of 2 runs have finished.\n` });
  const other = await setting.start("benchmark", ["--resume", bundle, "--search-to=90"]).ended;
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: --search-to: .* is not what .*\n$/),
  ]);
  await setting.expectNothingLeft();
});

test("a search that finds no sustained load fails with exit code 3, and says where to look", async () => {
  await using setting = await openSetting();
  const args = ["--search", "--search-from=40", "--search-latency=0.01", "--duration=5", "--warm-up=0"];
  const { code, stdout, stderr } = await setting.start("benchmark", args).ended;
  expect(code, stderr).toBe(3);
  expect(stdout).toMatch(/Highest sustained load: (below 40 tx\/s|not known)/);
});
