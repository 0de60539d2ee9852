/** The published form of a whole sweep: schema/summary.schema.json, and schema/native-summary.schema.json. */
import type { AssertionOutcome } from "../../contracts/results/assertion.ts";
import { bounded, neverBoth } from "../../contracts/results/bounded.ts";
import { quantile } from "../../contracts/results/latency.ts";
import { loadSummaryForm } from "../../contracts/results/load-summary.ts";
import {
  boundsForm,
  type MeasuredRun,
  type NativeResult,
  nativeFigureFields,
  nativeGeneratorForm,
  nativeVerdictFields,
} from "../../contracts/results/native/native.ts";
import { relayForm } from "../../contracts/results/relay.ts";
import { placeInSweep, type RunResult, resultFields } from "../../contracts/results/result.ts";
import { networkTypeForm, runParameterFields } from "../../contracts/results/run-parameters.ts";
import { type SearchReport, searchForm } from "../../contracts/results/search.ts";
import { verdictForm } from "../../contracts/results/verdict.ts";
import { record, type ValueOf } from "../../core/documents/form.ts";
import {
  amount,
  choice,
  count,
  documentForm,
  flag,
  list,
  listIfAny,
  measured,
  positive,
  text,
  time,
} from "../../core/documents/form-values.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { summarizeLoads } from "../../metrics/stats/load-summary.ts";
import { formatAssertion, unitOf } from "../../options/rules/assertion.ts";
import { publishedRun, runFileName } from "./published-run.ts";

const endedFields = {
  run: text("Id of the sweep."),
  networkType: networkTypeForm,
  runtime: choice("How the nodes ran: as containers or plain processes.", ["docker", "process"]),
  startedAt: time("Start of the sweep, wall time, RFC 3339 UTC.").keyed("started"),
  finishedAt: time("End of the sweep, wall time, RFC 3339 UTC.").keyed("finished"),
  plannedRuns: count(
    "Requested runs; omitted in a search, which decides their number as it proceeds.",
  ).optional(),
  finished_runs: count("Runs that finished.").derived(),
  endedEarly: text("Why the sweep ended before its last run; omitted if it did not.").optional(),
  relay: relayForm.optional(),
};

/** What the reader of a summary learns of a sweep's end. */
export const sweepEndForm = record("The end of a sweep.", endedFields);

/** A sweep at its end, also at an early one, whoever made its load. */
export interface EndedSweep<Run> extends ValueOf<typeof endedFields> {
  /** The runs that finished, in order. */
  readonly runs: readonly Run[];
}

/** A sweep at its end, and what was made of its runs. */
export interface SweepSummary<Run extends MeasuredRun = RunResult> extends EndedSweep<Run> {
  /** What was found, where the highest sustained load was looked for. */
  readonly search?: SearchReport | undefined;
  /** What came of its assertions; empty where there were none. */
  readonly assertions?: readonly AssertionOutcome[] | undefined;
}

export interface NativeSummary extends SweepSummary<NativeResult> {
  readonly generator: "native";
}

/** A sweep at its end, whoever made the load. */
export type MeasuredSummary = SweepSummary | NativeSummary;

export const isNativeSummary = (summary: MeasuredSummary): summary is NativeSummary => "generator" in summary;

const placeFields = {
  benchmarkNumber: placeInSweep.benchmarkNumber,
  file: text("The run's own file in this bundle."),
};

const row = record(
  "One run.",
  {
    ...placeFields,
    loadTps: runParameterFields.loadTps,
    repetition: placeInSweep.repetition,
    faults: runParameterFields.faults,
    crashRecovery: runParameterFields.crashRecovery,
    failover: runParameterFields.failover,
    redirected: resultFields.redirected,
    throughputTps: resultFields.throughputTps,
    offeredTps: resultFields.offeredTps,
    efficiencyRatio: resultFields.efficiencyRatio,
    successRatio: resultFields.successRatio,
    latencyKind: resultFields.latencyKind,
    meanMs: amount("Mean of the headline latency, milliseconds; omitted if nothing was observed.")
      .keyed("avg_latency_ms")
      .optional(),
    stdDevMs: amount("Its sample standard deviation (n - 1), milliseconds; omitted below two.")
      .keyed("latency_std_dev_ms")
      .optional(),
    p50: quantile("Median", "the headline latency"),
    p99: quantile("99th percentile", "the headline latency"),
    successful: resultFields.successful,
    failed: resultFields.failed,
    verdict: verdictForm,
  },
  { keywords: neverBoth("p50_ms", "p99_ms") },
);

const rowOf = (result: RunResult) => ({
  ...result,
  ...result.parameters,
  ...result.latency[result.latencyKind],
  file: runFileName(result),
});

const nativeRow = record("Summary of one run.", {
  ...placeFields,
  loadTps: positive("Configured load of the nodes, transactions per second over all of them.").keyed("load"),
  repetition: placeInSweep.repetition,
  throughputTps: nativeFigureFields.throughputTps,
  submittedTps: nativeFigureFields.submittedTps,
  meanMs: amount("Mean latency, exact, milliseconds; omitted if nothing was observed.")
    .keyed("avg_latency_ms")
    .optional(),
  stdDevMs: amount(
    "Standard deviation (n - 1), milliseconds; omitted if the nodes do not report the sum of squares.",
  )
    .keyed("latency_std_dev_ms")
    .optional(),
  p50: boundsForm("0.5"),
  p99: boundsForm("0.99"),
  verdict: record("Whether the figures are reliable.", nativeVerdictFields),
});

const nativeRowOf = (result: NativeResult) => ({
  ...result,
  ...result.parameters,
  ...result.figures,
  ...result.figures.latency,
  file: runFileName(result),
});

const assertion = record("One assertion at one load.", {
  assertion: text("The assertion, as --assert takes it."),
  loadTps: positive(
    "Offered load that it applies to, transactions per second over all nodes; in a closed loop, transactions in flight.",
  ).keyed("load"),
  unit: choice("Unit of value, baseline and limit.", ["tx/s", "Mbit/s", "%", "ms", "transactions", "nodes"]),
  value: bounded(measured, [
    "Mean of the metric over the load's runs that are not invalid; omitted if one of them lacks it.",
    "Lower bound of that mean, instead of value: a run's quantile falls among the transactions whose end was not observed, or is in a bucket.",
    "The upper edge of the bucket: the value is not above it; omitted beyond the last bucket's edge.",
  ]),
  baseline: bounded(measured, [
    "The same for the baseline's runs at this load; omitted if the assertion is not relative.",
    "Lower bound of that, instead of baseline.",
    "The upper edge of its bucket.",
  ]),
  limit: measured(
    "Limit that value is compared with: as asserted, or the baseline changed by the asserted amount.",
  ).optional(),
  passed: flag("Whether it holds. An assertion that cannot be checked fails."),
  reason: text("Why it failed, if value and limit do not show it.").optional(),
});

const assertions = listIfAny("Assertions on the sweep, by load; omitted if there are none.", assertion);

function assertionOf(outcome: AssertionOutcome) {
  const { metric } = outcome.assertion;
  const counted = metric === "leaking_nodes" ? ("nodes" as const) : ("transactions" as const);
  return { ...outcome, assertion: formatAssertion(outcome.assertion), unit: unitOf(metric) || counted };
}

/** What runs come to, of a summary and of `--json`. */
const conclusionFields = {
  loads: list("Each load over its runs, in the order of the loads' first runs.", loadSummaryForm),
  search: searchForm.optional(),
  assertions,
};

const conclusionOf = ({ runs, search, assertions: outcomes = [] }: SweepSummary) => ({
  loads: summarizeLoads(runs.map(publishedRun)),
  search,
  assertions: outcomes.map(assertionOf),
});

const finished = ({ runs }: { readonly runs: readonly unknown[] }) => ({ finished_runs: runs.length });

export const summarySchema = "baleen.summary/1";

export const summaryForm = documentForm(
  summarySchema,
  "A sweep: summary.json in its bundle. The files of its runs have the details.",
  { ...endedFields, runs: list("The finished runs, in order.", row), ...conclusionFields },
  { derive: finished },
);

/** The published form of a sweep's summary. @throws InvalidArgumentError where a measured number is not finite */
export const buildSummaryJson = (summary: SweepSummary) =>
  writeForm(summaryForm, { ...summary, runs: summary.runs.map(rowOf), ...conclusionOf(summary) });

export const nativeSummarySchema = "baleen.native-summary/1";

export const nativeSummaryForm = documentForm(
  nativeSummarySchema,
  "A sweep whose load the nodes generate: summary.json in its bundle. The files of its runs have the details.",
  {
    generator: nativeGeneratorForm,
    ...endedFields,
    runs: list("The finished runs, in order.", nativeRow),
    assertions,
  },
  { derive: finished },
);

/** The published form of a summary of runs whose load the nodes made. @throws InvalidArgumentError where a measured number is not finite */
export const buildNativeSummaryJson = ({ assertions: outcomes = [], ...summary }: NativeSummary) =>
  writeForm(nativeSummaryForm, {
    ...summary,
    runs: summary.runs.map(nativeRowOf),
    assertions: outcomes.map(assertionOf),
  });

/** The document of a sweep, whoever made its load. */
export const measuredSummaryJson = (summary: MeasuredSummary) =>
  isNativeSummary(summary) ? buildNativeSummaryJson(summary) : buildSummaryJson(summary);
