import { describe, expect, test } from "vitest";
import type {
  CheckedMetric,
  HistoryEntry,
  HistoryMetric,
} from "../../../../src/contracts/results/history.ts";
import { historyChanges } from "../../../../src/results/analysis/history/changes.ts";
import { checkHistory } from "../../../../src/results/analysis/history/check.ts";
import { sampleEntries, sampleSeries } from "../../sample-history.ts";

/** The last entry against those before it. */
function check(entries: readonly HistoryEntry[], options = {}) {
  const entry = entries.at(-1) as HistoryEntry;
  const [checked] = checkHistory(
    [{ series: sampleSeries, entry, entries: entries.slice(0, -1) }],
    [],
    options,
  );
  if (checked === undefined) throw new Error("nothing was checked");
  return checked;
}

const outcomes = (entries: readonly HistoryEntry[]) =>
  Object.fromEntries(check(entries).metrics.map(({ metric, outcome }) => [metric, outcome]));

const find = (entries: readonly HistoryEntry[], metric: CheckedMetric["metric"]) =>
  check(entries).metrics.find((one) => one.metric === metric);

/** From a place on, one metric is another. */
const stepOf = (of: HistoryMetric, ratio: number, from: number) => (metric: HistoryMetric, place: number) =>
  metric === of && place >= from ? ratio : 1;

test("without any change hardly a check alarms: none of 200", () => {
  const alarms = Array.from({ length: 10 }, (_, seed) => {
    const entries = sampleEntries({ count: 23, seed: `aa-${seed}` });
    return Array.from({ length: 20 }, (_, at) => check(entries.slice(0, at + 4)));
  }).flat();
  expect(alarms).toHaveLength(200);
  const found = alarms.flatMap(({ metrics }) => metrics.filter(({ outcome }) => outcome === "regression"));
  expect(found).toEqual([]);
});

test.each([
  ["throughput", 0.95, "regression"],
  ["throughput", 1.05, "improvement"],
  ["p50Latency", 1.1, "regression"],
  ["p50Latency", 0.9, "improvement"],
  ["memory", 1.2, "regression"],
  ["cpuPerTransaction", 0.8, "improvement"],
] as const)("%s times %d is called %s at once", (metric, ratio, outcome) => {
  const entries = sampleEntries({ count: 21, factor: stepOf(metric, ratio, 21) });
  const changed = Object.entries(outcomes(entries)).filter(([, found]) => found !== "no-change");
  expect(changed.map(([, found]) => found)).toEqual([outcome]);
});

test.each([
  { runs: 5, outcome: "regression", least: 20 },
  { runs: 1, outcome: "suspect", least: 19 },
])(
  "five steps of the noise down are found within three entries, $outcome from $runs",
  ({ runs, outcome, least }) => {
    const found = Array.from({ length: 20 }, (_, seed) => {
      const factor = stepOf("throughput", 0.95, 21);
      const entries = sampleEntries({ count: 23, runs, seed: `step-${seed}`, factor });
      const checked = [21, 22, 23].map((count) => find(entries.slice(0, count), "throughput"));
      return checked.some((one) => one?.isWorse === true && one.outcome === outcome);
    });
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(least);
  },
);

test("a difference below what counts is none, unless less is asked for", () => {
  const entries = sampleEntries({ count: 41, runs: 20, factor: stepOf("memory", 1.03, 41) });
  expect(find(entries, "memory")?.outcome).toBe("no-change");
  const asked = check(entries, { minEffectRatio: 0.01 }).metrics.find(({ metric }) => metric === "memory");
  expect(asked?.outcome).toBe("regression");
});

describe("with single runs", () => {
  const step = (count: number) =>
    sampleEntries({
      count,
      runs: 1,
      factor: stepOf("throughput", 0.9, 31),
      system: (at) => ({ delay: at < 31 ? "50" : "70" }),
    });

  test("it is suspect first, and a regression from the fifth on, once", () => {
    const found = [31, 32, 33, 34, 35, 36, 37].map((count) => find(step(count), "throughput")?.outcome);
    expect(found.slice(0, 4)).toEqual(["suspect", "suspect", "suspect", "suspect"]);
    expect(found.slice(4)).toEqual(["regression", "no-change", "no-change"]);
  });

  test("it says since when, and what was changed then", () => {
    expect(find(step(35), "throughput")?.since).toMatchObject({
      place: 31,
      kind: "change",
      bundle: "20260101T000000Z-local-run31",
      system: { delay: "50 → 70" },
    });
  });
});

test("after a change a new bundle is compared with what came since", () => {
  const entries = sampleEntries({ count: 40, factor: stepOf("p50Latency", 1.1, 21) });
  const found = find(entries, "p50_latency");
  expect(found).toMatchObject({ outcome: "no-change", entries: 19 });
  const back = sampleEntries({
    count: 40,
    factor: (metric, place) => (metric === "p50Latency" && place >= 21 && place < 40 ? 1.1 : 1),
  });
  expect(find(back, "p50_latency")?.outcome).toBe("improvement");
});

test("a slow drift is suspect when it shows, and not again with the next entry", () => {
  const drifting = (metric: HistoryMetric, place: number) =>
    metric === "memory" ? 1 + Math.max(0, place - 15) * 0.0006 : 1;
  const entries = sampleEntries({ count: 35, factor: drifting });
  const drifts = entries.map((_, index) => {
    const checked = index < 15 ? undefined : check(entries.slice(0, index + 1), { minEffectRatio: 0.002 });
    return checked?.metrics.find(({ metric, since }) => metric === "memory" && since?.kind === "drift");
  });
  const first = drifts.findIndex((found) => found !== undefined);
  expect(drifts[first]).toMatchObject({ outcome: "suspect", isWorse: true });
  expect(drifts[first + 1]).toBeUndefined();
});

test("fewer than three entries are no history, and a metric that is not known is left out", () => {
  const entries = sampleEntries({ count: 3 });
  expect(new Set(Object.values(outcomes(entries)))).toEqual(new Set(["no-history"]));
  const [first, ...others] = sampleEntries({ count: 5 }) as [HistoryEntry, ...HistoryEntry[]];
  const { memory: _, ...values } = first.values;
  expect(
    Object.keys(outcomes([...others, { ...first, at: "2027-01-01T00:00:00.000Z", values }])),
  ).not.toContain("memory");
});

test("entries that are later than the bundle do not count", () => {
  const entries = sampleEntries({ count: 30 });
  const entry = entries[9] as HistoryEntry;
  const [checked] = checkHistory([{ series: sampleSeries, entry, entries }], [], {});
  expect(checked?.place).toBe(10);
  expect(checked?.metrics[0]?.entries).toBe(9);
});

test("a bundle without history is told what the most similar series has otherwise", () => {
  const entry = sampleEntries({ count: 1 })[0] as HistoryEntry;
  const other = {
    ...sampleSeries,
    id: "f".repeat(12),
    parameters: { ...sampleSeries.parameters, duration: "3" },
  };
  const far = { ...other, id: "e".repeat(12), machines: ["64 × Other"] };
  const [checked] = checkHistory([{ series: sampleSeries, entry, entries: [] }], [far, other], {});
  expect(checked?.differs).toEqual(["duration is 60 here and 3 there"]);
});

test("changes of all metrics come by place, with what of the system changed", () => {
  const entries = sampleEntries({
    count: 60,
    factor: (metric, place) =>
      metric === "p50Latency" && place >= 21 ? 1.1 : metric === "throughput" && place >= 41 ? 1.05 : 1,
    system: (place) => ({ delay: place < 21 ? "50" : "55" }),
  });
  const changes = historyChanges(entries, {});
  expect(changes.map(({ metric, isWorse }) => [metric, isWorse])).toEqual([
    ["p50_latency", true],
    ["throughput", false],
  ]);
  expect(changes[0]).toMatchObject({ place: 21, system: { delay: "50 → 55" } });
  expect(Math.abs((changes[1]?.place ?? 0) - 41)).toBeLessThanOrEqual(2);
});
