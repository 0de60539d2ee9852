/** `benchmark --resume`: sweeps that were killed or interrupted, and what must be left of them and added. */
import { createHash } from "node:crypto";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { findProcesses } from "./machine.ts";
import { type Command, openSetting, type Setting } from "./setting.ts";

const loads = ["--loads=40,50,60", "--duration=1", "--warm-up=0"];
const fileOf = { 1: "local_benchmark_1_40txs.json", 2: "local_benchmark_2_50txs.json" } as const;

/** Resolves when the window of the second run is open. */
async function reachSecondWindow({ seen, says }: Command): Promise<void> {
  await says("Run 2: 50 tx/s");
  await until(() => (/Run 2: 50 tx\/s[\s\S]*\nmeasuring\n/.test(seen.stderr) ? true : undefined), {
    timeoutMs: 30_000,
    everyMs: 5,
    describe: () => `the second run never began:\n${seen.stderr}`,
  });
}

/** Starts a sweep, and ends it by this signal in its second run. @returns its bundle */
async function endInSecondRun(setting: Setting, signal: NodeJS.Signals): Promise<string> {
  const command = setting.start("benchmark", loads);
  await reachSecondWindow(command);
  command.child.kill(signal);
  await command.ended;
  await until(async () => ((await findProcesses(setting.home)).length === 0 ? true : undefined), {
    timeoutMs: 10_000,
    everyMs: 20,
    describe: () => "a node still runs",
  });
  return await setting.bundle();
}

/** Hash of each file of a bundle. */
async function hashes(bundle: string): Promise<Map<string, string>> {
  const entries = await readdir(bundle, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    found.set(
      path,
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    );
  }
  return found;
}

/** Three whole runs, events without a gap, and seconds of each run once. */
async function expectComplete(bundle: string): Promise<void> {
  const { runs, end } = await readBundle(bundle);
  expect(runs.map(({ parameters }) => parameters.loadTps)).toEqual([40, 50, 60]);
  expect(runs.map(({ verdict }) => verdict.status)).not.toContain("invalid");
  expect([end?.plannedRuns, end?.endedEarly]).toEqual([3, undefined]);
  const events = (await readFile(join(bundle, "events.ndjson"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { seq: number; run: string; type: string; benchmarkNumber?: number });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
  expect(new Set(events.map(({ run }) => run)).size).toBe(1);
  const finished = events.filter(({ type }) => type === "run-finished");
  expect(finished.map(({ benchmarkNumber }) => benchmarkNumber)).toEqual([1, 2, 3]);
  for (const name of ["timeseries.csv", "host-load.csv"]) {
    const rows = (await readFile(join(bundle, name), "utf8")).trimEnd().split("\n").slice(1);
    const seconds = rows.map((row) => row.split(",").slice(0, 2).join(","));
    expect(new Set(seconds).size).toBe(seconds.length);
    expect(new Set(rows.map((row) => row.split(",", 1)[0]))).toEqual(new Set(["1", "2", "3"]));
  }
}

describe("a sweep that was killed in its second run", () => {
  test("is gone on with: the first run stays as it is, and the whole is as if nothing had been", async () => {
    await using setting = await openSetting();
    const bundle = await endInSecondRun(setting, "SIGKILL");
    const first = await readFile(join(bundle, fileOf[1]));
    await appendFile(join(bundle, "events.ndjson"), '{"type":"load-second","sec');
    await appendFile(join(bundle, "timeseries.csv"), "2,0,50,50,50,50,1,2\n2,1,5");

    const { code, stdout, stderr } = await setting.start("benchmark", ["--resume", bundle]).ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/continuing with run 2$/m);
    expect(stderr).toMatch(
      /^warning: events\.ndjson ended within a line; its last 26 bytes were cut off\.$/m,
    );
    expect(stderr).toMatch(
      /^warning: timeseries\.csv: \d+ lines were cut off, of a run that had not finished\.$/m,
    );
    expect(stdout).not.toContain("BENCHMARK RESULT #1\n");
    expect(stdout).toMatch(/BENCHMARK RESULT #2\n[\s\S]*BENCHMARK RESULT #3\n[\s\S]*\nSUMMARY\n/);
    expect(stdout.slice(stdout.indexOf("\nSUMMARY\n"))).toMatch(/\n +40 [\s\S]*\n +50 [\s\S]*\n +60 /);
    expect(await readFile(join(bundle, fileOf[1]))).toEqual(first);
    await expectComplete(bundle);
    const summary = await readFile(join(bundle, "summary.txt"), "utf8");
    for (const number of [1, 2, 3]) expect(summary).toContain(`BENCHMARK RESULT #${number}\n`);
    await setting.expectNothingLeft();

    const whole = await hashes(bundle);
    const again = await setting.start("benchmark", ["--resume", bundle, "--duration=1"]).ended;
    expect(again).toEqual({
      code: 0,
      stdout: "",
      stderr: `${bundle} is complete: 3 of 3 runs have finished.\n`,
    });
    const shown = await setting.start("benchmark", ["--resume", bundle, "--json", "--quiet"]).ended;
    const document = JSON.parse(shown.stdout) as { runs: unknown[] };
    expect(document).toMatchObject({ finished_runs: 3, bundle });
    expect(document.runs[0]).toEqual(JSON.parse(first.toString()));
    expect(await hashes(bundle)).toEqual(whole);
  });

  test("keeps its parameters: flags that say others are named, all at once, and nothing is touched", async () => {
    await using setting = await openSetting();
    const bundle = await endInSecondRun(setting, "SIGKILL");
    const before = await hashes(bundle);
    const args = ["--resume", bundle, "--duration=2", "--local-loads=1,2", "--cleanup", "--seed=baleen"];
    const { code, stdout, stderr } = await setting.start("benchmark", args).ended;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(
        /^error: --local-loads: \[1,2\] is not what the sweep began with, \[40,50,60\]\. /,
      ),
      expect.stringMatching(/^error: --duration: 2 is not what the sweep began with, 1\. /),
    ]);
    before.delete(join(bundle, ".holder"));
    expect(await hashes(bundle)).toEqual(before);
  });

  test("is not gone on with where a finished run was changed", async () => {
    await using setting = await openSetting();
    const bundle = await endInSecondRun(setting, "SIGKILL");
    await appendFile(join(bundle, fileOf[1]), "{}");
    const { code, stderr } = await setting.start("benchmark", ["--resume", bundle]).ended;
    expect([code, stderr]).toEqual([
      2,
      `error: --resume: Cannot use ${join(bundle, fileOf[1])}: it is not JSON.\n`,
    ]);
  });
});

test("a sweep that was interrupted is gone on with, and its summary is written anew", async () => {
  await using setting = await openSetting();
  const bundle = await endInSecondRun(setting, "SIGINT");
  const { code, stdout } = await setting.start("benchmark", ["--resume", bundle, "--json"]).ended;
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  expect(document).toMatchObject({ planned_runs: 3, finished_runs: 3 });
  expect(document).not.toHaveProperty("ended_early");
  await expectComplete(bundle);
  await setting.expectNothingLeft();
});

test("a sweep that still runs is not gone on with by another command, which names who holds it", async () => {
  await using setting = await openSetting();
  const command = setting.start("benchmark", ["--loads=40", "--duration=60"]);
  await command.says("warming up");
  const bundle = await setting.bundle();
  const elsewhere = { env: { XDG_STATE_HOME: join(setting.home, "other") } };
  const { code, stderr } = await setting.start("benchmark", ["--resume", bundle], elsewhere).ended;
  expect(code).toBe(2);
  expect(stderr).toContain(`error: --resume: The bundle ${bundle} is being written: `);
  expect(stderr).toContain(`process ${command.pid} (`);
  command.child.kill("SIGINT");
  expect((await command.ended).code).toBe(130);
  await setting.expectNothingLeft();
});
