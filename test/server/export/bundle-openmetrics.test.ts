import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePrometheus } from "../../../src/metrics/nodes/prometheus.ts";
import { bundleOpenMetrics } from "../../../src/server/export/prometheus/bundle-openmetrics.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";
import { eventsOf, routineRun, startMs, wholeRun } from "./events.ts";

const nodeMetrics = (value: number) =>
  `# TYPE rounds counter\nrounds_total{node="node0"} ${value} ${startMs / 1000 + value}\n# EOF\n`;

async function textOf(lines: readonly string[], metrics: readonly string[] = []): Promise<string> {
  await using folder = await openTemporaryFolder();
  await writeFile(join(folder.path, "events.ndjson"), lines.map((line) => `${line}\n`).join(""));
  await mkdir(join(folder.path, "metrics"));
  for (const [at, text] of metrics.entries()) {
    await writeFile(join(folder.path, "metrics", `${at + 1}-nodes.openmetrics`), text);
  }
  let text = "";
  for await (const piece of bundleOpenMetrics(folder.path)) text += piece;
  return text;
}

const twoRuns = eventsOf([
  ...wholeRun.slice(0, -1),
  { type: "run-created", benchmarkNumber: 2, loadTps: 200 },
  ...wholeRun.slice(2),
]);

test("each look at the metrics has its time; runs and their nodes are told apart by labels", async () => {
  const text = await textOf(
    twoRuns.map((event) => JSON.stringify(event)),
    [nodeMetrics(5), nodeMetrics(8)],
  );
  const families = parsePrometheus(text);
  const samples = families.flatMap((family) => family.samples);
  const committed = samples.filter(({ series }) => series.name === "baleen_transactions_committed_total");
  const ofRun = (benchmark: string) =>
    committed.filter(({ series }) => series.key.includes(`benchmark="${benchmark}"`));
  expect(ofRun("1").map(({ value }) => value)).toEqual([0, 0, 0, 90, 90, 90, 90, 90, 180, 270, 360, 360]);
  expect(ofRun("1")[3]?.timestampMs).toBe(startMs + 6 * 500);
  expect(ofRun("2").at(-1)?.value).toBe(360);
  const rounds = families.find(({ name }) => name === "rounds");
  expect(rounds?.type).toBe("counter");
  expect(rounds?.samples.map(({ series, value }) => [series.key, value])).toEqual([
    ['rounds_total{benchmark="1",node="node0",run="3f9a2c1e"}', 5],
    ['rounds_total{benchmark="2",node="node0",run="3f9a2c1e"}', 8],
  ]);
});

test("each step of routines has its time", async () => {
  const text = await textOf(eventsOf(routineRun).map((event) => JSON.stringify(event)));
  const samples = parsePrometheus(text).flatMap((family) => family.samples);
  const sent = samples.filter(({ series }) => /packets_per_second\{.*family="sent"/.test(series.key));
  expect(sent.map(({ value, timestampMs }) => [value, timestampMs])).toEqual([
    [66.6, startMs + 6 * 500],
    [20, startMs + 7 * 500],
  ]);
});

test("lines that are no events change nothing, and times rise though the clock was set back", async () => {
  const lines = twoRuns.map((event, at) => JSON.stringify(at === 9 ? { ...event, t: twoRuns[0]?.t } : event));
  const torn = ["", "null", '{"type":"load-second"}', ...lines, lines[6]?.slice(0, 50) ?? ""];
  const samples = parsePrometheus(await textOf(torn)).flatMap((family) => family.samples);
  const phases = samples.filter(
    ({ series }) => series.key.includes('benchmark="1"') && /window"/.test(series.key),
  );
  const times = phases.map(({ timestampMs = 0 }) => timestampMs);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  expect(times.length).toBeGreaterThan(5);
});
