import {
  type ComparisonOutcome,
  type LoadComparison,
  type LoadSide,
  type MetricComparison,
  type SpokenMetric,
  spokenMetrics,
} from "../../../contracts/results/comparison.ts";

/** Corrected p below which a difference is not taken for chance. */
export const significantBelow = 0.05;

export const spokenNames: Readonly<Record<SpokenMetric, string>> = {
  throughput: "throughput",
  avgLatency: "average latency",
};

/** Runs a side from which on a difference may be told from chance; more are needed for many loads. */
export const runsForVerdict = 4;

export const hasEnoughRuns = ({ a, b }: Pick<LoadComparison, "a" | "b">) =>
  Math.min(a.counted, b.counted) >= runsForVerdict;

interface VerdictOptions {
  /** Runs a side with which the clearest difference would be significant among all tests. */
  readonly runsNeeded: number;
  /** Whether it would be with the runs that this load has. */
  readonly decidable: boolean;
}

export type Judged = Pick<LoadComparison, "outcome" | "verdict">;

/**
 * What can be said of one load. A difference is claimed where the test says that it is not chance and where it is large
 * enough to matter; that none was seen does not make the sides equal.
 */
export function judgeLoad(
  load: Pick<LoadComparison, "a" | "b" | "metrics">,
  options: VerdictOptions,
): Judged {
  const { a, b, metrics } = load;
  const tested = spokenMetrics.some((metric) => metrics[metric].significance !== undefined);
  // Where there are runs enough for a test, one that is missing has another reason.
  const reason = incomparable(load, hasEnoughRuns(load) && !tested);
  if (reason !== undefined) return { outcome: "not-comparable", verdict: `not comparable because ${reason}` };
  if (!options.decidable || !tested) {
    return { outcome: "no-verdict", verdict: noVerdict(a, b, options.runsNeeded) };
  }
  const outcome = outcomeOf(spokenMetrics.map((metric) => gain(metric, metrics[metric])));
  const figures = spokenMetrics.map((metric) => phrase(metric, metrics[metric], load)).join("; ");
  return { outcome, verdict: `${words[outcome]}: ${figures}.${caution(a, b)}` };
}

const words: Readonly<Record<ComparisonOutcome, string>> = {
  faster: "B is faster",
  slower: "B is slower",
  mixed: "mixed",
  "no-difference": "no difference seen",
  "not-comparable": "not comparable",
  "no-verdict": "no verdict",
};

function incomparable(
  { a, b, metrics }: Pick<LoadComparison, "a" | "b" | "metrics">,
  untested: boolean,
): string | undefined {
  const empty = [a.counted === 0 ? "A" : "", b.counted === 0 ? "B" : ""].filter((side) => side !== "");
  if (empty.length > 0)
    return `${empty.join(" and ")} ${empty.length > 1 ? "have" : "has"} no run that counts`;
  const kinds = [a, b].map(({ latencyKinds }) => latencyKinds.join(" and "));
  if (kinds[0] !== kinds[1] || a.latencyKinds.length > 1) {
    return `A's runs measured ${kinds[0]} latency, B's ${kinds[1]} latency`;
  }
  const undivided = spokenMetrics.every((metric) => metrics[metric].ratio === undefined);
  return untested || undivided ? "a run of A has a throughput of 0, by which nothing is divided" : undefined;
}

function noVerdict(a: LoadSide, b: LoadSide, needed: number): string {
  const word = (count: number) => `${count} ${count === 1 ? "run" : "runs"}`;
  return a.counted === b.counted
    ? `no verdict (${word(a.counted)} a side; ${needed} are needed)`
    : `no verdict (${word(a.counted)} of A, ${word(b.counted)} of B; ${needed} a side are needed)`;
}

/** 1 where B is better, -1 where it is worse, 0 where no difference is claimed; undefined where none was tested. */
function gain(metric: SpokenMetric, compared: MetricComparison): -1 | 0 | 1 | undefined {
  const { significance, ratio } = compared;
  if (significance === undefined || ratio === undefined) return undefined;
  if (!isSignificant(compared) || Math.abs(ratio - 1) < significance.smallestEffectRatio) return 0;
  return ratio > 1 === (metric === "throughput") ? 1 : -1;
}

/** The ranks must point where the means do: one run far off may turn a mean around. */
function isSignificant({ significance, ratio = 1 }: MetricComparison): boolean {
  if (significance === undefined) return false;
  const { adjustedP, delta } = significance;
  return adjustedP < significantBelow && Math.sign(delta) === Math.sign(ratio - 1);
}

function outcomeOf(gains: readonly (-1 | 0 | 1 | undefined)[]): ComparisonOutcome {
  const [better, worse] = [gains.includes(1), gains.includes(-1)];
  if (better && worse) return "mixed";
  if (better) return "faster";
  return worse ? "slower" : "no-difference";
}

function phrase(
  metric: SpokenMetric,
  compared: MetricComparison,
  { a, b }: Pick<LoadComparison, "a" | "b">,
): string {
  const name = spokenNames[metric];
  const { ratio, confidence, significance } = compared;
  if (ratio === undefined || confidence === undefined || significance === undefined) {
    const unseen = a.unseen + b.unseen;
    const reason = metric === "avgLatency" && unseen > 0 ? ` (no end seen of ${unseen} transactions)` : "";
    return `${name} cannot be compared${reason}`;
  }
  const { low, high } = confidence;
  const figures = `95 % confidence ${low.toFixed(3)} to ${high.toFixed(3)}, p ${formatP(significance.adjustedP)}`;
  const claimed = gain(metric, compared) !== 0;
  if (claimed) return `${name} is ${ratio.toFixed(3)} times A's (${figures})`;
  const small = isSignificant(compared)
    ? `differs by less than the ${formatEffect(significance.smallestEffectRatio)} % that count`
    : "shows no difference";
  return `${name} ${small} (B/A ${ratio.toFixed(3)}, ${figures})`;
}

const formatP = (p: number) => (p < 0.001 ? "below 0.001" : p.toFixed(3));
const formatEffect = (ratio: number) => String(Number((ratio * 100).toPrecision(3)));

/** What a reader must know of the runs that were counted. */
function caution(a: LoadSide, b: LoadSide): string {
  const kinds = {
    generatorLimited: "generator-limited",
    disturbed: "disturbed",
    changedByHand: "manually changed",
  } as const;
  const reported = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) =>
    Object.entries({ A: a[kind] ?? 0, B: b[kind] ?? 0 })
      .filter(([, count]) => count > 0)
      .map(([side, count]) => `${count} ${kinds[kind]} ${count === 1 ? "run" : "runs"} of ${side}`),
  );
  return reported.length === 0 ? "" : ` Counted with the others: ${reported.join(", ")}.`;
}
