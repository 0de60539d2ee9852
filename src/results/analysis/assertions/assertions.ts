import type {
  AssertedLatency,
  AssertedMetric,
  AssertedOrder,
  AssertedStatistic,
  Assertion,
  AssertionOutcome,
} from "../../../contracts/results/assertion.ts";
import type { BoundedValue } from "../../../contracts/results/bounded.ts";
import type { LatencySummary } from "../../../contracts/results/latency.ts";
import {
  type MeasuredRun,
  type NativeResult,
  peerLatencyOf,
} from "../../../contracts/results/native/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { percent, present, rounded } from "../../../core/documents/numbers.ts";
import {
  boundsValue,
  deliveredRatio,
  isCounted,
  isNative,
  meanOfValues,
  peerDeliveriesOf,
} from "../../../metrics/stats/run-metrics.ts";
import { absoluteLimit } from "../../../options/rules/assertion.ts";
import { parameterDifferences, refusedDifferences } from "../comparison/parameter-differences.ts";

export interface AssertedSweep {
  readonly assertions: readonly Assertion[];
  /** All that were to be run: one without a run that finished keeps no assertion. */
  readonly loadsTps: readonly number[];
  readonly runs: readonly MeasuredRun[];
  /** Those of the baseline; undefined: it cannot be read, or no assertion needs one. */
  readonly baseline?: readonly MeasuredRun[] | undefined;
}

/** Every assertion at every load that it is about, by load. Pure. */
export function evaluateAssertions({
  assertions,
  loadsTps,
  runs,
  baseline,
}: AssertedSweep): readonly AssertionOutcome[] {
  return [...new Set(loadsTps)].flatMap((loadTps) => {
    const at = (all: readonly MeasuredRun[]) => all.filter((run) => run.parameters.loadTps === loadTps);
    const load: AssertedLoad = { loadTps, runs: at(runs), baseline: baseline && at(baseline) };
    return assertions
      .filter((assertion) => assertion.loadTps === undefined || assertion.loadTps === loadTps)
      .map((assertion) => judgeAssertion(assertion, load, limitOf(assertion, load)));
  });
}

interface AssertedLoad {
  readonly loadTps: number;
  readonly runs: readonly MeasuredRun[];
  readonly baseline: readonly MeasuredRun[] | undefined;
}

/** One assertion at one load, whose limit is known, or why there is none. Pure. */
export function judgeAssertion(
  assertion: Assertion,
  { loadTps, runs }: Pick<AssertedLoad, "loadTps" | "runs">,
  target: AssertedTarget,
): AssertionOutcome {
  const counted = runs.filter(isCounted);
  const found = counted.length === 0 ? undefined : meanOfRuns(assertion.metric, counted);
  const value = found !== undefined && "value" in found ? found.value : undefined;
  const known = present({ assertion, loadTps, value, baseline: target.baseline, limit: target.limit });
  const fail = (reason: string): AssertionOutcome => ({ ...known, passed: false, reason });
  if (runs.length === 0) return fail("no run finished");
  const invalid = runs.filter((run) => !isCounted(run)).map((run) => run.benchmarkNumber);
  if (invalid.length > 0) return fail(describeInvalid(invalid));
  if (found !== undefined && "missing" in found) return fail(found.missing);
  if (target.reason !== undefined) return fail(`${noLimit}${target.reason}`);
  if (value === undefined || target.limit === undefined) throw new TypeError("neither a value nor a reason");
  const answer = compare(value, assertion.order, target.limit);
  if (answer === "unknown") return fail(`cannot be shown: ${describeBound(value, counted)}`);
  return { ...known, passed: answer };
}

function describeBound({ value, upTo }: BoundedValue, runs: readonly MeasuredRun[]): string {
  if (upTo !== undefined) return `the value and the limit lie in the same bucket, from ${value} to ${upTo}`;
  return runs.some(isNative)
    ? `the value lies above ${value}, the last bucket's edge`
    : "the value is a lower bound that includes transactions without a known end";
}

/** Begins the reason where a baseline gives no limit. */
export const noLimit = "baseline: ";

export function describeInvalid(numbers: readonly number[]): string {
  return numbers.length === 1 ? `run ${numbers[0]} is invalid` : `runs ${numbers.join(", ")} are invalid`;
}

export interface AssertedTarget {
  readonly limit?: number | undefined;
  readonly baseline?: BoundedValue | undefined;
  /** Why there is no limit. */
  readonly reason?: string | undefined;
}

function limitOf(assertion: Assertion, { runs, baseline }: AssertedLoad): AssertedTarget {
  if (!assertion.relative) return { limit: absoluteLimit(assertion) };
  if (baseline === undefined) return { reason: "it cannot be read" };
  const counted = baseline.filter(isCounted);
  if (counted.length === 0) return { reason: "no valid run at this load" };
  const [other] = refusedDifferences(parameterDifferences([{ a: counted, b: runs }]));
  if (other !== undefined) {
    return { reason: `its ${other.name} is ${other.a}, but here it is ${other.b}` };
  }
  const kinds = new Set([...counted, ...runs.filter(isCounted)].map((run) => run.latencyKind));
  if (kinds.size > 1) return { reason: "commits against replies cannot be compared" };
  const found = meanOfRuns(assertion.metric, counted);
  if ("missing" in found) return { reason: found.missing };
  const { value } = found;
  if (value.atLeast) return { baseline: value, reason: "a lower bound that includes transactions not seen" };
  return { baseline: value, limit: value.value * (1 + assertion.amount / 100) };
}

const orders: Readonly<Record<AssertedOrder, (value: number, limit: number) => boolean>> = {
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
};

/**
 * Of a lower bound it is known that the true value is not smaller, of a bucket also that it is not above the other edge;
 * what that leaves open is unknown.
 */
function compare(
  { value, atLeast, upTo = Number.POSITIVE_INFINITY }: BoundedValue,
  order: AssertedOrder,
  limit: number,
): boolean | "unknown" {
  const holds = orders[order](value, limit);
  if (!atLeast) return holds;
  const isUpper = order === "<" || order === "<=";
  if (holds !== isUpper) return holds;
  return orders[order](upTo, limit) === holds ? holds : "unknown";
}

/** What a run, or several, show of a metric; or why they show nothing, in a clause. */
export type Found = { readonly value: BoundedValue } | { readonly missing: string };

/** As it is published, so that a run that is read again gives the same. */
const exactly = (value: number | undefined, missing: string): Found =>
  value === undefined ? { missing } : { value: { value: rounded(value), atLeast: false } };

const counts: Readonly<Record<string, (run: RunResult) => number | undefined>> = {
  throughput: (run) => run.throughputTps,
  efficiency: (run) => (run.efficiencyRatio === undefined ? undefined : percent(run.efficiencyRatio)),
  success_rate: (run) => percent(run.successRatio),
  failed: (run) => run.failed,
};

const kinds: Readonly<Record<AssertedLatency, (run: RunResult) => LatencySummary | undefined>> = {
  latency: (run) => run.latency[run.latencyKind],
  commit: (run) => run.latency.commit,
  commit_service: (run) => run.latency.commitService,
  response: (run) => run.latency.response,
  submit: (run) => run.latency.submit,
  lateness: (run) => run.lateness,
};

/**
 * Mean over runs. A bound in one of them makes a bound of it; what one did not see, the mean does not know.
 *
 * @param runs at least one
 */
export function meanOfRuns(metric: AssertedMetric, runs: readonly MeasuredRun[]): Found {
  const values: BoundedValue[] = [];
  for (const run of runs) {
    const found = find(metric, run);
    if ("missing" in found) return { missing: `run ${run.benchmarkNumber}: ${found.missing}` };
    values.push(found.value);
  }
  return { value: meanOfValues(values) };
}

function find(metric: AssertedMetric, run: MeasuredRun): Found {
  if (metric === "leaking_nodes") return leakingNodes(run);
  return isNative(run) ? ofNative(metric, run) : ofRun(metric, run);
}

function leakingNodes({ nodes }: MeasuredRun): Found {
  const judged = nodes.flatMap(({ memoryGrowth }) => memoryGrowth ?? []);
  const leaking = judged.filter(({ leaks }) => leaks).length;
  return exactly(
    judged.length === 0 ? undefined : leaking,
    "no node's memory was seen for long enough (60 s)",
  );
}

/** Of all flows together, Mbit/s; undefined where one does not tell. */
function goodputOf({ flows }: NativeResult["figures"]): number | undefined {
  const known = flows?.flows.map(({ goodputMbps }) => goodputMbps) ?? [undefined];
  return known.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);
}

/** What nodes counted: exact, or within a bucket. */
function ofNative(metric: AssertedMetric, { figures }: NativeResult): Found {
  const { throughputTps, latency } = figures;
  const exact = peerLatencyOf(figures);
  const missing = `${metric} was not seen`;
  const [kind, statistic] = metric.split(".") as [string, AssertedStatistic];
  if (metric === "throughput") return exactly(throughputTps, missing);
  if (metric === "goodput") return exactly(goodputOf(figures), missing);
  if (peerDeliveriesOf(figures) !== undefined && metric === "success_rate") {
    const ratio = deliveredRatio(figures);
    return exactly(ratio && percent(ratio), missing);
  }
  if (exact !== undefined && kind === "latency") return ofSummary(statistic, exact);
  if (kind !== "latency" || statistic === "min" || statistic === "max") {
    return { missing: `nodes that generate the load do not report ${metric}` };
  }
  if (statistic === "mean" || statistic === "std_dev") return exactly(latency?.[plain[statistic]], missing);
  const value = boundsValue(latency?.[statistic]);
  return value === undefined ? { missing } : { value };
}

function ofRun(metric: AssertedMetric, run: RunResult): Found {
  const count = counts[metric];
  // What has no value is throughput over offered load, and a closed loop has none.
  if (count !== undefined) return exactly(count(run), `a closed loop has no ${metric}`);
  const [kind, statistic] = metric.split(".") as [AssertedLatency, AssertedStatistic];
  const summary = kinds[kind](run);
  if (summary === undefined || summary.count + summary.censored === 0) {
    return { missing: `${kind} was not seen` };
  }
  return ofSummary(statistic, summary);
}

const plain = { mean: "meanMs", std_dev: "stdDevMs", min: "minMs", max: "maxMs" } as const;

function ofSummary(statistic: AssertedStatistic, summary: LatencySummary): Found {
  const { censored } = summary;
  const absent = { missing: `${statistic} was not seen` };
  if (statistic !== "mean" && statistic !== "std_dev" && statistic !== "min" && statistic !== "max") {
    const quantile = summary[statistic];
    return quantile === undefined
      ? absent
      : { value: { value: rounded(quantile.ms), atLeast: quantile.atLeast } };
  }
  // The mean of those that were seen gets better the more are lost; only the largest can but grow.
  if (censored > 0 && statistic !== "max") {
    return { missing: `the end of ${censored} was not seen, and ${statistic} is of the others` };
  }
  const ms = summary[plain[statistic]];
  return ms === undefined ? absent : { value: { value: rounded(ms), atLeast: censored > 0 } };
}
