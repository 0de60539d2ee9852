import type { BoundedValue } from "../../../contracts/results/bounded.ts";
import {
  type ComparedMetric,
  type ComparedSide,
  type Comparison,
  comparedMetrics,
  type LoadComparison,
  type LoadSide,
  type MetricComparison,
  type ReplyMetric,
  replyMetrics,
  type SideRuns,
  type SpokenMetric,
  spokenMetrics,
} from "../../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { seededRandom } from "../../../core/random.ts";
import { holmAdjusted } from "../../../metrics/stats/holm.ts";
import { mannWhitney, smallestP } from "../../../metrics/stats/mann-whitney.ts";
import { ratioInterval } from "../../../metrics/stats/ratio-of-means.ts";
import { isCounted, meanOfValues, readMetric, unseenIn } from "../../../metrics/stats/run-metrics.ts";
import { compareFlows } from "./compare-flows.ts";
import { compareLinks } from "./compare-links.ts";
import { compareRoutines, pairApart } from "./compare-routines.ts";
import { hasEnoughRuns, judgeLoad, runsForVerdict, significantBelow } from "./compare-verdict.ts";
import { type LoadPair, pairLoads } from "./pair-loads.ts";
import { parameterDifferences } from "./parameter-differences.ts";

export interface CompareOptions {
  /** Smallest |ratio - 1| that matters. */
  readonly minEffectRatio: number;
  /** What two identical sides were seen to differ by. */
  readonly calibration?:
    | {
        readonly path: string;
        readonly noiseFloorRatio: (loadTps: number, metric: SpokenMetric) => number | undefined;
      }
    | undefined;
}

/** How two sweeps are compared where nothing else is asked for. */
export const defaultCompareOptions: CompareOptions = { minEffectRatio: 0.02 };

/**
 * Compares two sweeps, load by load. Runs of one load are repeats: a side's value is their mean, and its tests take
 * each run for one value. Pure; the same runs give the same comparison.
 */
export function compareSweeps(
  a: SideRuns,
  b: SideRuns,
  options: CompareOptions = defaultCompareOptions,
): Comparison {
  const { common, onlyA, onlyB } = pairLoads(a.runs, b.runs);
  const compared = [...common, ...pairApart(a.runs, b.runs)];
  return {
    a: sideOf(a),
    b: sideOf(b),
    minEffectRatio: options.minEffectRatio,
    calibration: options.calibration?.path,
    differences: parameterDifferences(compared),
    links: compareLinks(
      { ...a, runs: compared.flatMap((pair) => pair.a) },
      { ...b, runs: compared.flatMap((pair) => pair.b) },
    ),
    loads: concludeLoads(common.map(pairLoad), options),
    flows: compareFlows(a.runs, b.runs),
    routines: compareRoutines(a.runs, b.runs, options.minEffectRatio),
    onlyA,
    onlyB,
    explained: [],
  };
}

function sideOf({ runs, linkRows: _, ...side }: SideRuns): ComparedSide {
  const [first] = runs;
  return { ...side, runs: runs.length, protocol: first?.parameters.protocol, loadKind: first?.kind };
}

/** A load before what is found at the others is known. */
interface PairedLoad {
  readonly loadTps: number;
  readonly a: LoadSide;
  readonly b: LoadSide;
  readonly metrics: Readonly<Record<ComparedMetric, MetricPair>>;
  /** Those that a side has. */
  readonly replies: readonly (readonly [ReplyMetric, MetricComparison])[];
}

/** What is computed from the transactions alone whose end was seen. */
const ofSeenOnly: ReadonlySet<ComparedMetric> = new Set(["avgLatency", "latencyStdDev"]);

function pairLoad(load: LoadPair): PairedLoad {
  const [a, b] = [loadSide(load.a), loadSide(load.b)];
  // Commits and acknowledgements are different things, whatever is counted or timed of them.
  const sameKind = new Set([...a.latencyKinds, ...b.latencyKinds]).size === 1;
  // A mean of those that were seen gets better the more are lost.
  const wholeMeans = a.unseen + b.unseen === 0;
  const enough = hasEnoughRuns({ a, b });
  const counted = { ...load, a: load.a.filter(isCounted), b: load.b.filter(isCounted) };
  const metrics = Object.fromEntries(
    comparedMetrics.map((metric) => {
      const divisible = sameKind && (wholeMeans || !ofSeenOnly.has(metric));
      return [metric, pairMetric(metric, counted, { divisible, enough })];
    }),
  ) as Record<ComparedMetric, MetricPair>;
  // Whatever the headline is, these are of replies, each of which was seen.
  const replies = replyMetrics.flatMap((metric) => {
    const { comparison } = pairMetric(metric, counted, { divisible: true, enough });
    return comparison.a === undefined && comparison.b === undefined ? [] : [[metric, comparison] as const];
  });
  return { loadTps: load.loadTps, a, b, metrics, replies };
}

function loadSide(runs: readonly MeasuredRun[]): LoadSide {
  const counted = runs.filter(isCounted);
  const byHand = counted.filter(({ linkCertificate }) => linkCertificate?.manualChanges !== undefined).length;
  return {
    counted: counted.length,
    invalid: runs.length - counted.length,
    generatorLimited: counted.filter(({ verdict }) => verdict.status === "generator-limited").length,
    disturbed: counted.filter(({ environment }) => environment?.disturbed === true).length,
    disturbedRatio: disturbedRatioOf(counted),
    ...(byHand === 0 ? {} : { changedByHand: byHand }),
    latencyKinds: [...new Set(counted.map((run) => run.latencyKind))].sort(),
    unseen: unseenIn(counted),
  };
}

/** Of the machine, and of the run, that were disturbed most. */
function disturbedRatioOf(runs: readonly MeasuredRun[]): number | undefined {
  const machines = runs.flatMap(({ environment }) => environment?.hosts ?? []);
  const ratios = machines.flatMap(({ window, disturbedSecs }) =>
    window === undefined || window.secs === 0 ? [] : disturbedSecs / window.secs,
  );
  return ratios.length === 0 ? undefined : Math.max(...ratios);
}

interface MetricOptions {
  /** Both sides' values are of one kind, and stand for all transactions. */
  readonly divisible: boolean;
  /** There are runs enough for an interval. */
  readonly enough: boolean;
}

/** A metric of both sides, with the values that a test may use: absent where the sides are not divided. */
interface MetricPair {
  readonly comparison: MetricComparison;
  readonly samples?: { readonly a: readonly number[]; readonly b: readonly number[] } | undefined;
}

/** Means, their difference and their ratio, as far as these are to be had. */
function pairMetric(
  metric: ComparedMetric | ReplyMetric,
  /** Of its runs those that count. */
  load: LoadPair,
  options: MetricOptions,
): MetricPair {
  const read = (runs: LoadPair["a"]) => runs.map((run) => readMetric(metric, run));
  const [ofA, ofB] = [read(load.a), read(load.b)];
  const [a, b] = [meanValue(ofA), meanValue(ofB)];
  if (a === undefined || b === undefined || a.atLeast || b.atLeast || !options.divisible) {
    return { comparison: { a, b } };
  }
  const difference = b.value - a.value;
  if (!(a.value > 0)) return { comparison: { a, b, difference } };
  const numbers = (values: readonly (BoundedValue | undefined)[]) => values.map((one) => one?.value ?? 0);
  const samples = { a: numbers(ofA), b: numbers(ofB) };
  const comparison = { a, b, difference, ratio: b.value / a.value };
  if (!options.enough || samples.a.some((value) => !(value > 0))) return { comparison };
  const random = seededRandom(`${load.loadTps}/${metric}`);
  const confidence = ratioInterval(samples.a, samples.b, random);
  return { comparison: { ...comparison, confidence }, samples };
}

/** undefined where there is no run, or one of them did not see it. */
function meanValue(values: readonly (BoundedValue | undefined)[]): BoundedValue | undefined {
  const seen = values.filter((one) => one !== undefined);
  if (seen.length === 0 || seen.length < values.length) return undefined;
  return meanOfValues(seen);
}

/** Tests what the verdicts speak of, all loads as one family, and judges. */
function concludeLoads(loads: readonly PairedLoad[], options: CompareOptions): LoadComparison[] {
  const tests = loads.flatMap(({ loadTps, metrics }) =>
    spokenMetrics.flatMap((metric) => {
      const { samples } = metrics[metric];
      return samples === undefined ? [] : [{ loadTps, metric, ...mannWhitney(samples.a, samples.b) }];
    }),
  );
  const adjusted = holmAdjusted(tests.map(({ p }) => p));
  const runsNeeded = runsNeededFor(Math.max(tests.length, loads.length * spokenMetrics.length));
  return loads.map(({ metrics: pairs, replies, ...load }) => {
    const { loadTps, a, b } = load;
    const metrics = Object.fromEntries(comparedMetrics.map((name) => [name, pairs[name].comparison]));
    tests.forEach(({ loadTps: at, metric, p, delta }, index) => {
      if (at !== loadTps) return;
      const floor = options.calibration?.noiseFloorRatio(loadTps, metric) ?? 0;
      const smallestEffectRatio = Math.max(options.minEffectRatio, floor);
      const significance = { p, adjustedP: adjusted[index] ?? 1, delta, smallestEffectRatio };
      metrics[metric] = { ...metrics[metric], significance };
    });
    const ofHeadline = metrics as Record<ComparedMetric, MetricComparison>;
    const compared = { ...load, metrics: { ...ofHeadline, ...Object.fromEntries(replies) } };
    const decidable = smallestP(a.counted, b.counted) * tests.length < significantBelow;
    return { ...compared, ...judgeLoad(compared, { runsNeeded, decidable }) };
  });
}

/** Runs a side with which the clearest difference is significant among so many tests. */
function runsNeededFor(tests: number): number {
  let runs = runsForVerdict;
  while (smallestP(runs, runs) * tests >= significantBelow) runs += 1;
  return runs;
}
