import { buildRunJson } from "../bundle/run-json.ts";
import {
  type ComparedMetric,
  type ComparedSide,
  type ComparedValue,
  type Comparison,
  comparedMetrics,
  type LoadComparison,
  type LoadSide,
  type MetricComparison,
  type ParameterDifference,
} from "../contracts/comparison.ts";
import type { Quantile, RunResult } from "../contracts/result.ts";
import { seededRandom } from "../core/random.ts";
import { ratioOfMeans } from "../stats/ratio-of-means.ts";
import { describeVerdict } from "./compare-verdict.ts";

/** A sweep that is compared. */
export interface SideRuns extends Omit<ComparedSide, "runs"> {
  readonly runs: readonly RunResult[];
}

/** Runs a side from which on a difference may be told from chance. */
export const runsForVerdict = 4;

const headline = (run: RunResult) => run.latency[run.latencyKind];
const measured = (value: number | undefined): ComparedValue | undefined =>
  value === undefined ? undefined : { value, atLeast: false };
const quantile = (found: Quantile | undefined): ComparedValue | undefined =>
  found && { value: found.ms, atLeast: found.atLeast };

const readers: Readonly<Record<ComparedMetric, (run: RunResult) => ComparedValue | undefined>> = {
  throughput: (run) => measured(run.throughputTps),
  avgLatency: (run) => measured(headline(run)?.meanMs),
  latencyStdDev: (run) => measured(headline(run)?.stdDevMs),
  p50Latency: (run) => quantile(headline(run)?.p50),
  p99Latency: (run) => quantile(headline(run)?.p99),
  successRate: (run) => measured(run.successRatio),
  efficiency: (run) => measured(run.efficiencyRatio),
};

/**
 * Compares two sweeps, load by load. Runs of one load are repeats: a side's value is their mean. Pure; the same runs
 * give the same comparison.
 */
export function compareSweeps(a: SideRuns, b: SideRuns): Comparison {
  const loadsOf = (side: SideRuns) => new Set(side.runs.map((run) => run.parameters.loadTps));
  const [ofA, ofB] = [loadsOf(a), loadsOf(b)];
  const sorted = (loads: Iterable<number>) => [...loads].sort((one, other) => one - other);
  const common = sorted([...ofA].filter((load) => ofB.has(load)));
  const pairs = common.map((loadTps) => {
    const at = (side: SideRuns) => side.runs.filter((run) => run.parameters.loadTps === loadTps);
    return { loadTps, a: at(a), b: at(b) };
  });
  return {
    a: sideOf(a),
    b: sideOf(b),
    differences: parameterDifferences(pairs),
    loads: pairs.map(compareLoad),
    onlyA: sorted([...ofA].filter((load) => !ofB.has(load))),
    onlyB: sorted([...ofB].filter((load) => !ofA.has(load))),
  };
}

interface LoadRuns {
  readonly loadTps: number;
  readonly a: readonly RunResult[];
  readonly b: readonly RunResult[];
}

function sideOf({ runs, ...side }: SideRuns): ComparedSide {
  return { ...side, runs: runs.length };
}

const isCounted = ({ verdict }: RunResult) => verdict.status !== "invalid";

/** What is computed from the transactions alone whose end was seen. */
const ofSeenOnly: ReadonlySet<ComparedMetric> = new Set(["avgLatency", "latencyStdDev"]);

function compareLoad(load: LoadRuns): LoadComparison {
  const a = loadSide(load.a);
  const b = loadSide(load.b);
  // Commits and acknowledgements are different things, whatever is counted or timed of them.
  const sameKind = new Set([...a.latencyKinds, ...b.latencyKinds]).size === 1;
  // A mean of those that were seen gets better the more are lost.
  const wholeMeans = a.unseen + b.unseen === 0;
  const enough = Math.min(a.counted, b.counted) >= runsForVerdict;
  const metrics = Object.fromEntries(
    comparedMetrics.map((metric) => {
      const seed = `${load.loadTps}/${metric}`;
      const divisible = sameKind && (wholeMeans || !ofSeenOnly.has(metric));
      return [metric, compareMetric(load, readers[metric], { divisible, enough, seed })];
    }),
  ) as Record<ComparedMetric, MetricComparison>;
  const verdict = describeVerdict({ a, b, metrics, runsNeeded: runsForVerdict });
  return { loadTps: load.loadTps, a, b, metrics, verdict };
}

function loadSide(runs: readonly RunResult[]): LoadSide {
  const counted = runs.filter(isCounted);
  return {
    counted: counted.length,
    invalid: runs.length - counted.length,
    generatorLimited: counted.filter(({ verdict }) => verdict.status === "generator-limited").length,
    latencyKinds: [...new Set(counted.map((run) => run.latencyKind))].sort(),
    unseen: counted.reduce((total, run) => total + (headline(run)?.censored ?? 0), 0),
  };
}

function compareMetric(
  load: LoadRuns,
  read: (run: RunResult) => ComparedValue | undefined,
  terms: { readonly divisible: boolean; readonly enough: boolean; readonly seed: string },
): MetricComparison {
  const [ofA, ofB] = [load.a, load.b].map((runs) => runs.filter(isCounted).map(read));
  const a = meanOf(ofA ?? []);
  const b = meanOf(ofB ?? []);
  if (a === undefined || b === undefined || a.atLeast || b.atLeast || !terms.divisible) return { a, b };
  const difference = b.value - a.value;
  if (!(a.value > 0)) return { a, b, difference };
  const numbers = (values: readonly (ComparedValue | undefined)[] = []) =>
    values.map((one) => one?.value ?? 0);
  if (!terms.enough || numbers(ofA).some((value) => !(value > 0))) {
    return { a, b, difference, ratio: b.value / a.value };
  }
  const { ratio, low, high } = ratioOfMeans(numbers(ofA), numbers(ofB), seededRandom(terms.seed));
  return { a, b, difference, ratio, confidence: { low, high } };
}

/** undefined where there is no run, or one of them did not see it. */
function meanOf(values: readonly (ComparedValue | undefined)[]): ComparedValue | undefined {
  const seen = values.filter((one) => one !== undefined);
  if (seen.length === 0 || seen.length < values.length) return undefined;
  const sum = seen.reduce((total, { value }) => total + value, 0);
  return { value: sum / seen.length, atLeast: seen.some(({ atLeast }) => atLeast) };
}

/** Not named: the load, which is what is compared at, and the seed, which makes other bytes and not another system. */
const leftOut: ReadonlySet<string> = new Set(["load", "seed"]);

function parameterDifferences(pairs: readonly LoadRuns[]): ParameterDifference[] {
  const found = new Map<string, ParameterDifference>();
  for (const { a, b } of pairs) {
    const [ofA, ofB] = [flatParameters(a), flatParameters(b)];
    for (const name of new Set([...ofA.keys(), ...ofB.keys()])) {
      const difference = { name, a: ofA.get(name) ?? "-", b: ofB.get(name) ?? "-" };
      if (difference.a !== difference.b) found.set(JSON.stringify(difference), difference);
    }
  }
  return [...found.values()];
}

/** Published names, options of the protocol with theirs in front; several values of one side's runs joined by "or". */
function flatParameters(runs: readonly RunResult[]): ReadonlyMap<string, string> {
  const values = new Map<string, Set<string>>();
  for (const run of runs) {
    const { protocol_options, ...plain } = buildRunJson(run).parameters;
    for (const [name, value] of [...Object.entries(plain), ...Object.entries(protocol_options)]) {
      if (!leftOut.has(name)) values.set(name, (values.get(name) ?? new Set()).add(String(value)));
    }
  }
  return new Map([...values].map(([name, found]) => [name, [...found].sort().join(" or ")]));
}
