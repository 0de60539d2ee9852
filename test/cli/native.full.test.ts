/** A system whose nodes make the load: what is measured, kept, read again and gone on with. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openCommandBackend } from "../../src/cli/terminal/command-backend.ts";
import { readFiles } from "../../src/results/verify/contents/files.ts";
import { verifyFiles } from "../../src/results/verify/verify-bundle.ts";
import { limitsOfKept } from "../../src/run/prepare/system.ts";
import { openValidator } from "../results/schemas.ts";
import { openSetting } from "./setting.ts";

const file = fileURLToPath(new URL("../../examples/native/native.yaml", import.meta.url));
const readJson = async (...path: string[]) => JSON.parse(await readFile(join(...path), "utf8"));

/** Digits of a text, each changed in turn, every `step`th of them. */
function* editsOf(text: string, step: number): Generator<{ readonly line: string; readonly text: string }> {
  let seen = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text[at] ?? "";
    if (!/\d/.test(digit) || seen++ % step !== 0) continue;
    const edited = `${text.slice(0, at)}${(Number(digit) + 1) % 10}${text.slice(at + 1)}`;
    yield { line: edited.slice(edited.lastIndexOf("\n", at) + 1, at + 1), text: edited };
  }
}

const differencesIn = (files: ReadonlyMap<string, string>) =>
  verifyFiles(files, (kept) => limitsOfKept(kept, openCommandBackend({}))).differences;

/** What a node said of itself, or how long it took to: numbers that follow from nothing. */
const saidOnce = /^ *"(name|cpu_secs|memory_bytes|threads|open_files|height|answer_secs)": /;

test("two loads are measured as their nodes counted them, kept, and computed again by whoever reads them", async () => {
  await using setting = await openSetting();
  const args = ["--protocol", file, "--runtime=process", "--loads=100,200", "--duration=5"];
  const pipeline = ["--junit=out/junit.xml", "--markdown=out/summary.md", "--bench-json=out/bench"];
  const asserted = ["--assert=throughput>=90", "--assert=latency.p50<=1s", ...pipeline];
  const { code, stdout } = await setting.start("benchmark", [...args, ...asserted]).ended;
  expect(code).toBe(0);
  expect(stdout).toContain("BENCHMARK RESULT #2 (native: counted by the nodes themselves)");
  expect(stdout).toContain("Native: the nodes generated and counted the load.");
  expect(stdout).toMatch(/200 latency\.p50<=1s +[\d.]+–[\d.]+ ms 1000 ms passed/);
  expect(await readFile(join(setting.home, "out", "summary.md"), "utf8")).toMatch(/^\*\*Benchmark passed/);

  const bundle = await setting.bundle();
  const validate = await openValidator("native-run");
  for (const [number, load] of [
    [1, 100],
    [2, 200],
  ] as const) {
    const run = await readJson(bundle, `local_native_${number}_${load}txs.json`);
    expect(validate(run)).toEqual([]);
    const { results, verdict, environment } = run;
    expect(verdict).toMatchObject({ status: "valid", reasons: [] });
    expect(Math.abs(results.throughput / load - 1)).toBeLessThan(0.05);
    expect(Math.abs(results.submitted_load / load - 1)).toBeLessThan(0.05);
    expect(results.latency.count).toBe(results.committed_transactions);
    // Nothing commits before it is 20 ms old.
    expect(results.avg_latency_ms).toBeGreaterThanOrEqual(20);
    expect(results.latency.p50.up_to_ms).toBeGreaterThanOrEqual(25);
    expect(results.latency.p50.above_ms).toBeLessThan(results.avg_latency_ms);
    expect(environment.hosts[0]).toMatchObject({ host: "coordinator", window: { secs: 5 } });
  }
  expect((await openValidator("native-summary"))(await readJson(bundle, "summary.json"))).toEqual([]);
  expect(await readdir(join(bundle, "metrics"))).toEqual(["1-nodes.openmetrics", "2-nodes.openmetrics"]);
  // Nothing is kept that is of single transactions, or had no effect.
  const names = await readdir(bundle);
  expect(names.filter((name) => ["histograms", "timeseries.csv"].includes(name))).toEqual([]);
  expect(names).toContain("host-load.csv");
  expect(Object.keys(await readJson(bundle, "parameters.json"))).not.toContain("transport");

  const say = async (binary: string, ...words: string[]) => await setting.start(binary, words).ended;
  expect(await say("baleen", "verify", bundle)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^AGREES: [\d,]+ comparisons over 2 runs;/m),
  });
  const report = await say("baleen", "report", bundle, "--assert=latency.p50<1ms", "--json");
  expect(report.code).toBe(3);
  expect(JSON.parse(report.stdout)).toMatchObject({
    schema: "baleen.native-results/1",
    finished_runs: 2,
    assertions: [{ passed: false }, { passed: false }],
  });
  const compared = await say("baleen", "compare", bundle, bundle);
  expect([compared.code, compared.stdout]).toEqual([
    0,
    expect.stringContaining("neither divided nor tested"),
  ]);
  const resumed = await say("benchmark", "--resume", bundle);
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining("2 of 2 runs have finished")]);

  const files = await readFiles(bundle);
  expect(differencesIn(files)).toEqual([]);
  const missed: string[] = [];
  let edits = 0;
  for (const [name, step] of [
    ["local_native_1_100txs.json", 7],
    ["summary.json", 13],
    ["summary.txt", 61],
    ["parameters.json", 41],
  ] as const) {
    for (const edit of editsOf(files.get(name) ?? "", step)) {
      edits++;
      const found = differencesIn(new Map([...files, [name, edit.text]])).length > 0;
      if (!found && !saidOnce.test(edit.line)) missed.push(`${name}: ${edit.line}`);
    }
  }
  expect(edits).toBeGreaterThan(60);
  expect(missed).toEqual([]);
  const shown = files.get("metrics/1-nodes.openmetrics") ?? "";
  const last = shown.lastIndexOf('pulse_committed_transactions_total{node="node0"}');
  const fewer = `${shown.slice(0, last)}${shown.slice(last).replace(/(?<=} )\d/, "9")}`;
  const [first] = differencesIn(new Map([...files, ["metrics/1-nodes.openmetrics", fewer]]));
  expect(first).toMatchObject({ file: "local_native_1_100txs.json", key: "results.throughput" });
  await setting.expectNothingLeft();
}, 240_000);

test("one that is interrupted keeps what it has, says so, and is gone on with", async () => {
  await using setting = await openSetting();
  const args = [
    "--protocol",
    file,
    "--loads=50,60",
    "--duration=2",
    "--warm-up=0.5",
    "--committee=2",
    "--json",
  ];
  const command = setting.start("benchmark", args);
  await command.says(/^Run 1 finished/);
  command.child.kill("SIGINT");
  const { code, stdout } = await command.ended;
  expect(code).toBe(130);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({ schema: "baleen.native-results/1", planned_runs: 2, finished_runs: 1 });
  expect(document.ended_early).toEqual(expect.any(String));
  expect(document.runs[0]).toMatchObject({ generator: "native", parameters: { load: 50 } });
  await setting.expectNothingLeft();

  const bundle = await setting.bundle();
  const before = await readFile(join(bundle, "local_native_1_50txs.json"), "utf8");
  expect((await setting.start("benchmark", ["--resume", bundle, "--yes"]).ended).code).toBe(0);
  expect(await readFile(join(bundle, "local_native_1_50txs.json"), "utf8")).toBe(before);
  expect(await readJson(bundle, "summary.json")).toMatchObject({ finished_runs: 2 });
  expect((await setting.start("baleen", ["verify", bundle]).ended).code).toBe(0);
  await setting.expectNothingLeft();
}, 120_000);

test("a run in which a node dies is invalid, and the command fails", async () => {
  await using setting = await openSetting();
  const args = ["--protocol", file, "--loads=50", "--duration=3", "--warm-up=0.5", "--committee=2"];
  const command = setting.start("benchmark", args);
  await command.says("measuring");
  const node = (await setting.nodes()).get("node1");
  if (node === undefined) throw new Error("node1 does not run");
  process.kill(node, "SIGKILL");
  const { code, stdout } = await command.ended;
  expect(code).toBe(3);
  expect(stdout).toContain(
    "VERDICT: invalid (native: counted by the nodes themselves)\n  node1 ended unexpectedly.",
  );
  await setting.expectNothingLeft();
});
