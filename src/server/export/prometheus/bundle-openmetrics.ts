import { join } from "node:path";
import type { BaleenEvent } from "../../../contracts/events.ts";
import { unlessAbsent } from "../../../core/errors.ts";
import type { Labels } from "../../../metrics/nodes/line.ts";
import { openMetricsTexts, readOpenMetrics } from "../../../metrics/nodes/openmetrics.ts";
import { MetricsRecord, type RecordedFamily } from "../../../metrics/nodes/record.ts";
import { readEventLines } from "../../../results/bundle/events.ts";
import { readBundleText } from "../../../results/bundle/files/bundle-file.ts";
import { nodeMetricsFile } from "../../../results/bundle/writer.ts";
import { BundleReadError } from "../../../results/schema/read-error.ts";
import { readEvent } from "../../feed/check-event.ts";
import { newState, observeEvent } from "../../feed/run-state.ts";
import { runMetrics } from "./run-metrics.ts";

/** Of the bundle's own metrics: a few tens of bytes each. */
const mostSamples = 10_000_000;
const tooMany = "it has more than 10,000,000 samples, which is too many to export.";

/** Events at which the metrics are written down, as if they were looked at then. */
const moments: ReadonlySet<string> = new Set<BaleenEvent["type"]>([
  "run-created",
  "load-phase",
  "load-second",
  "routine-step",
  "machine-second",
  "fault",
  "link-change",
  "run-finished",
]);

/**
 * The metrics of a bundle with their times, as OpenMetrics text, piece by piece: those that Baleen shows at /metrics while
 * it runs, and those that the nodes showed.
 *
 * @throws BundleReadError where its events cannot be read, or are too many
 */
export async function* bundleOpenMetrics(folder: string): AsyncGenerator<string> {
  const { own, run, benchmarks } = await ownMetrics(folder);
  const families = new Map(own.map((family) => [family.name, family]));
  for (const benchmark of benchmarks) {
    const labels: Labels = [
      ["benchmark", String(benchmark)],
      ["run", run],
    ];
    for (const family of await nodeMetrics(folder, benchmark)) joinFamily(families, labelled(family, labels));
  }
  const groups = [...families.values()].flatMap((family) => family.groups);
  // What fell though its node had not begun anew is no counter in the nodes' file any more.
  const restarted = new Set(groups.map(({ node }) => node));
  yield* openMetricsTexts([...families.values()], { wallMsAt: (atMs) => atMs, restarted });
}

async function ownMetrics(folder: string) {
  const record = new MetricsRecord(["*"], mostSamples);
  const state = newState();
  const benchmarks = new Set<number>();
  let atMs = 0;
  for await (const line of readEventLines(folder)) {
    const event = readEvent(line);
    if (event === undefined) continue;
    observeEvent(state, { event });
    if (state.run !== undefined) benchmarks.add(state.run.benchmarkNumber);
    // The wall clock may have been set back; series go on.
    atMs = Math.max(atMs, Date.parse(event.t));
    if (moments.has(event.type)) record.add("", atMs++, runMetrics(state));
    if (record.isFull) throw new BundleReadError(folder, tooMany);
  }
  return { own: record.families(), run: state.sweep?.run ?? "", benchmarks };
}

/** None where the nodes of that run showed nothing. */
async function nodeMetrics(folder: string, benchmark: number): Promise<readonly RecordedFamily[]> {
  const path = join(folder, nodeMetricsFile(benchmark));
  const text = await unlessAbsent(readBundleText(path, { folder }));
  return text === undefined ? [] : readOpenMetrics(text);
}

function labelled(family: RecordedFamily, more: Labels): RecordedFamily {
  const groups = family.groups.map((group) => {
    const own = new Set(group.labels.map(([name]) => name));
    const labels = [...group.labels, ...more.filter(([name]) => !own.has(name))];
    return { ...group, labels: labels.sort(([a], [b]) => (a < b ? -1 : 1)) };
  });
  return { ...family, groups };
}

function joinFamily(families: Map<string, RecordedFamily>, family: RecordedFamily): void {
  const known = families.get(family.name);
  if (known === undefined) families.set(family.name, family);
  else {
    const type = known.type === family.type ? known.type : "unknown";
    families.set(family.name, { ...known, type, groups: [...known.groups, ...family.groups] });
  }
}
