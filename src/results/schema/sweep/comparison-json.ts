/** The published form of a comparison: schema/comparison.schema.json describes every key. */
import type {
  ComparedMetric,
  ComparedSide,
  Comparison,
  LoadComparison,
  LoadSide,
  MetricComparison,
} from "../../../contracts/results/comparison.ts";
import { boundJson, percent, present, rounded, significant } from "../numbers.ts";

/** Name and version of the form. */
export const comparisonSchema = "baleen.comparison/1";

/** Published keys; ratios to 1 are published as percent, as in a run's file. */
const published: Readonly<Record<ComparedMetric, { readonly key: string; readonly factor: number }>> = {
  throughput: { key: "throughput", factor: 1 },
  avgLatency: { key: "avg_latency_ms", factor: 1 },
  latencyStdDev: { key: "latency_std_dev_ms", factor: 1 },
  p50Latency: { key: "p50_ms", factor: 1 },
  p99Latency: { key: "p99_ms", factor: 1 },
  successRate: { key: "success_rate_percent", factor: 100 },
  efficiency: { key: "efficiency_percent", factor: 100 },
};

/** By what a metric is called in what is published. */
export const metricKeys = Object.fromEntries(
  Object.entries(published).map(([name, { key }]) => [name, key]),
) as Readonly<Record<ComparedMetric, string>>;

function metricJson(metric: MetricComparison, factor: number) {
  const { ratio, difference, confidence, significance } = metric;
  return present({
    ...boundJson("a", metric.a, factor),
    ...boundJson("b", metric.b, factor),
    ratio: ratio === undefined ? undefined : significant(ratio),
    difference: difference === undefined ? undefined : rounded(difference * factor),
    ratio_confidence_95: confidence && {
      low: significant(confidence.low),
      high: significant(confidence.high),
    },
    p_value: significance && significant(significance.p),
    p_value_adjusted: significance && significant(significance.adjustedP),
    effect_size: significance && significant(significance.delta),
    smallest_effect_percent: significance && percent(significance.smallestEffectRatio),
  });
}

function runsJson(side: LoadSide) {
  return {
    counted: side.counted,
    invalid: side.invalid,
    generator_limited: side.generatorLimited,
    disturbed: side.disturbed,
    latency_kinds: side.latencyKinds,
    unseen_transactions: side.unseen,
  };
}

function loadJson(load: LoadComparison) {
  const names = Object.keys(published) as ComparedMetric[];
  return {
    load: load.loadTps,
    a: runsJson(load.a),
    b: runsJson(load.b),
    metrics: Object.fromEntries(
      names.map((name) => [published[name].key, metricJson(load.metrics[name], published[name].factor)]),
    ),
    outcome: load.outcome,
    verdict: load.verdict,
  };
}

function sideJson({ path, protocol, networkType, runs, loadKind, endedEarly }: ComparedSide) {
  return present({
    path,
    protocol,
    network_type: networkType,
    runs,
    load_kind: loadKind,
    ended_early: endedEarly,
  });
}

/** @throws InvalidArgumentError where a number is not finite */
export function buildComparisonJson(comparison: Comparison) {
  return present({
    schema: comparisonSchema,
    a: sideJson(comparison.a),
    b: sideJson(comparison.b),
    min_effect_percent: percent(comparison.minEffectRatio),
    calibration: comparison.calibration,
    differences: comparison.differences.map(({ name, a, b, of }) => ({ name, a, b, of })),
    loads: comparison.loads.map(loadJson),
    only_a: comparison.onlyA,
    only_b: comparison.onlyB,
  });
}
