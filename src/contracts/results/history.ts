/** A history of bundles: what is kept of each, and what is said of it. */
import { type Of, record } from "../../core/documents/form.ts";
import {
  asPercent,
  choice,
  count,
  documentForm,
  flag,
  list,
  listIfAny,
  matching,
  measured,
  natural,
  positive,
  sixDigits,
  table,
  text,
  time,
} from "../../core/documents/form-values.ts";
import { networkTypeForm } from "./run-parameters.ts";

const seriesFields = {
  id: matching("Digest of all below.", /^[0-9a-f]{12}$/, "12 hexadecimal digits"),
  protocol: text("The system under test."),
  networkType: networkTypeForm,
  runtime: text("What its nodes ran as."),
  loadTps: positive("The load, in load_unit.").keyed("load"),
  loadUnit: text("Unit of the load, such as tx/s."),
  throughputUnit: text("Unit of throughput."),
  latencyKind: text("Kind of the latencies."),
  machines: list("Processors and their number, of each kind of machine.", text("Such as 8 × AMD EPYC.")),
  parameters: table(
    "How it was measured: the parameters that must be the same in comparisons.",
    text("Its value."),
  ),
};

/** First line of a series' file. */
export const historySeriesForm = documentForm(
  "baleen.history/1",
  "What the entries of a series have in common: what was measured, how, and where.",
  seriesFields,
);

export interface HistorySeries extends Of<typeof historySeriesForm> {}

const runValues = (about: string) =>
  list(
    `${about}, of each counted run. Omitted if a counted run did not observe it, or has only a lower bound.`,
    sixDigits("A value."),
    {
      fewest: 1,
      most: 10_000,
    },
  ).optional();

const values = record("What was measured. Values have six significant digits.", {
  throughput: runValues("Throughput"),
  avgLatency: runValues("Mean of the latency, milliseconds").keyed("avg_latency_ms"),
  p50Latency: runValues("Its median, milliseconds").keyed("p50_ms"),
  p99Latency: runValues("Its 99th percentile, milliseconds").keyed("p99_ms"),
  cpuPerTransaction: runValues(
    "CPU time of all nodes in the window by the transactions committed in it, milliseconds",
  ).keyed("cpu_ms_per_transaction"),
  memory: runValues("Mean memory of a node, bytes").keyed("memory_bytes"),
});

export type HistoryMetric = keyof Of<typeof values>;

/** A further line of a series' file. */
export const historyEntryForm = record("One load's runs of a bundle.", {
  run: text("Id of its sweep."),
  at: time("Start of the first window, RFC 3339 UTC."),
  bundle: text("Name of its folder."),
  name: text("Name of the run; omitted if it has none.").optional(),
  tags: table("Tags of the run; omitted if it has none.", text("A value.")).optional(),
  counted: natural("Counted runs: all except invalid ones."),
  invalid: count("Invalid runs."),
  disturbed: count("Counted runs on disturbed machines."),
  system: table("Options of the measured system, which may differ from entry to entry.", text("A value.")),
  values,
});

export interface HistoryEntry extends Of<typeof historyEntryForm> {}

const metricName = choice("What was measured.", [
  "throughput",
  "avg_latency",
  "p50_latency",
  "p99_latency",
  "cpu_per_transaction",
  "memory",
]);

const change = record("A place from which on the values of a metric are others.", {
  metric: metricName,
  place: natural("Number of the first entry after it, from 1."),
  bundle: text("The bundle of that entry."),
  before: sixDigits("Mean from the change before, or the first entry, to this one."),
  after: sixDigits("Mean from here to the next change, or the last entry."),
  ratio: sixDigits("after / before."),
  p: sixDigits("Of the permutation test.").keyed("p_value"),
  isWorse: flag("Whether it got worse.").keyed("worse"),
  system: table(
    "Options of the system that changed there, or up to two entries before or after.",
    text("Such as 50 → 70."),
  ),
});

export interface HistoryChange extends Of<typeof change> {}

export const shownSeriesForm = documentForm("baleen.history-series/1", "A series of a history.", {
  ...seriesFields,
  entries: list("Its entries, by time.", historyEntryForm),
  changes: list("Changes, by place.", change),
});

export interface ShownSeries extends Of<typeof shownSeriesForm> {}

export const historyListForm = documentForm("baleen.history-list/1", "The series of a history.", {
  series: list(
    "Each series.",
    record("One series.", {
      ...seriesFields,
      entries: natural("How many entries it has."),
      lastAt: time("Start of the newest one, RFC 3339 UTC."),
      last: table("Mean of its values by metric.", measured("A mean.")),
      lastChange: change.as("The latest change of any metric; omitted if there is none.").optional(),
    }),
  ),
});

export interface ListedSeries extends Of<typeof historyListForm> {}

const checkedMetric = record(
  "A metric of the new runs against the window: the entries since the last change.",
  {
    metric: metricName,
    unit: text("Its unit."),
    outcome: choice(
      "regression: worse. improvement: better. suspect: a difference, but from fewer than five runs, or a slow drift. no-change: none was observed. no-history: fewer than three entries to compare with.",
      ["regression", "improvement", "suspect", "no-change", "no-history"],
    ),
    isWorse: flag("Whether the value is worse than the window's mean.").keyed("worse"),
    value: sixDigits("Mean of the new runs."),
    entries: count("Entries of the window."),
    runs: count("Their runs."),
    mean: sixDigits("Mean of the window's entries; omitted without history.").optional(),
    ratio: sixDigits("value / mean.").optional(),
    adjustedP: sixDigits(
      "p after Holm's correction over all metrics and loads of this check: of the less significant of two tests, Mann-Whitney over the runs and Student's prediction over the entries. Below 0.01 it is no chance.",
      { least: 0, most: 1 },
    )
      .keyed("p_value_adjusted")
      .optional(),
    minEffectRatio: asPercent("Smallest difference that counts.", { least: 0 }),
    since: record("The entry from which on it is so; omitted if that is the checked bundle alone.", {
      place: natural("Its number, from 1."),
      bundle: text("Its bundle."),
      kind: choice("change: at once. drift: slowly.", ["change", "drift"]),
      before: sixDigits("Mean before."),
      after: sixDigits("Mean from there on, with the new runs."),
      system: table(
        "Options of the system that changed there, or up to two entries before or after.",
        text("Such as 50 → 70."),
      ),
    }).optional(),
  },
);

export interface CheckedMetric extends Of<typeof checkedMetric> {}
export type HistoryOutcome = CheckedMetric["outcome"];

export const historyCheckForm = documentForm("baleen.history-check/1", "A bundle against a history.", {
  bundle: text("Path of the bundle."),
  passed: flag("Whether there is no regression."),
  series: list(
    "Each load of the bundle.",
    record("One load.", {
      ...seriesFields,
      entry: historyEntryForm.as("What the history would keep of it."),
      place: natural("Number that the entry has, or would have, in its series."),
      system: table(
        "Options of the system that are others than in the entry before.",
        text("Such as 50 → 70."),
      ),
      metrics: list("Each metric that was observed.", checkedMetric),
      differs: listIfAny(
        "If it has no history: in what it differs from the most similar series.",
        text("Such as duration is 3 here and 60 there."),
      ),
    }),
  ),
});

export interface HistoryCheck extends Of<typeof historyCheckForm> {}
export type CheckedSeries = HistoryCheck["series"][number];
