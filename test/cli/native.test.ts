/** A system whose nodes make the load: twice the committed rate, and what is refused afterwards. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openValidator } from "../bundle/schemas.ts";
import { openSetting } from "./setting.ts";

const file = fileURLToPath(new URL("../../examples/native/native.yaml", import.meta.url));
const readJson = async (...path: string[]) => JSON.parse(await readFile(join(...path), "utf8"));

test("two loads are measured as their nodes counted them, and kept; nothing else reads the bundle yet", async () => {
  await using setting = await openSetting();
  const args = ["--protocol", file, "--runtime=process", "--loads=100,200", "--duration=5"];
  const { code, stdout } = await setting.start("benchmark", args).ended;
  expect(code).toBe(0);
  expect(stdout).toContain("BENCHMARK RESULT #2 (native: counted by the nodes themselves)");
  expect(stdout).toContain("Native: the nodes made the load and counted it.");

  const bundle = await setting.bundle();
  const validate = await openValidator("native-run");
  for (const [number, load] of [
    [1, 100],
    [2, 200],
  ] as const) {
    const run = await readJson(bundle, `local_native_${number}_${load}txs.json`);
    expect(validate(run)).toEqual([]);
    const { results, verdict } = run;
    expect(verdict).toMatchObject({ status: "valid", reasons: [] });
    expect(Math.abs(results.throughput / load - 1)).toBeLessThan(0.05);
    expect(Math.abs(results.submitted_load / load - 1)).toBeLessThan(0.05);
    expect(results.latency.count).toBe(results.committed_transactions);
    // Nothing commits before it is 20 ms old.
    expect(results.avg_latency_ms).toBeGreaterThanOrEqual(20);
    expect(results.latency.p50.up_to_ms).toBeGreaterThanOrEqual(25);
    expect(results.latency.p50.above_ms).toBeLessThan(results.avg_latency_ms);
  }
  expect((await openValidator("native-summary"))(await readJson(bundle, "summary.json"))).toEqual([]);
  expect(await readdir(join(bundle, "metrics"))).toEqual(["1-nodes.openmetrics", "2-nodes.openmetrics"]);

  for (const words of [
    ["verify", bundle],
    ["report", bundle],
    ["compare", bundle, bundle],
    ["benchmark", "--resume", bundle],
  ]) {
    const refused = await setting.start("baleen", words).ended;
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("(native). This version does not read"),
    ]);
  }
  await setting.expectNothingLeft();
});

test("one that is interrupted keeps what it has, and its document says so", async () => {
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
});

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
    "VERDICT: invalid (native: counted by the nodes themselves)\n  node1 ended by itself.",
  );
  await setting.expectNothingLeft();
});
