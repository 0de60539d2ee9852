/**
 * Histograms as Prometheus has them: how many values lay at or below each of a few edges. What lies between two edges is
 * not known, so that all that is said of a single value is two edges around it.
 */
import type { NativeLatency } from "../../contracts/results/native/native.ts";
import { InvalidArgumentError } from "../../core/errors.ts";

/** Of any unit: that of its edges, and of its sum. */
export interface BucketHistogram {
  /** Upper edges of the buckets, included in them; rising, and the last one is without end. */
  readonly edges: readonly number[];
  /** Values at or below each edge: the last is how many there are. */
  readonly counts: readonly number[];
  /** Of all values. */
  readonly sum: number;
}

/** One of several that are put together. */
export interface NamedHistogram {
  /** For people: the node's name. */
  readonly name: string;
  readonly histogram: BucketHistogram;
}

/** They cannot be put together, or compared, without making something up. */
export interface RefusedHistogram {
  readonly state: "refused";
  readonly reason: string;
}

type Counted<State> = { readonly state: State; readonly histogram: BucketHistogram } | RefusedHistogram;

/** What keeps it from being a histogram, a phrase each; none: it is one. */
export function histogramDiagnostics({ edges, counts, sum }: BucketHistogram): string[] {
  const diagnostics: string[] = [];
  if (edges.length === 0 || edges.length !== counts.length)
    diagnostics.push("it does not have one count per edge");
  if (edges.at(-1) !== Number.POSITIVE_INFINITY) diagnostics.push("its last bucket is not open-ended");
  if (edges.some((edge, at) => at > 0 && !(edge > (edges[at - 1] ?? 0))))
    diagnostics.push("its edges do not ascend");
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 0)) {
    diagnostics.push("its counts are not whole numbers");
  }
  if (counts.some((count, at) => count < (counts[at - 1] ?? 0)))
    diagnostics.push("its buckets do not add up");
  if (Number.isNaN(sum)) diagnostics.push("its sum is not a number");
  return diagnostics;
}

/** How many values there are. */
export function countOf({ counts }: BucketHistogram): number {
  return counts.at(-1) ?? 0;
}

/** All values of all of them, as if one had counted them; refused where edges differ. @param parts at least one */
export function mergeHistograms(parts: readonly NamedHistogram[]): Counted<"counted"> {
  if (parts.length === 0) throw new InvalidArgumentError("Merging requires at least one histogram.");
  const reason = whyApart(parts);
  if (reason !== undefined) return { state: "refused", reason };
  return { state: "counted", histogram: parts.map(({ histogram }) => histogram).reduce(addHistograms) };
}

/** All values of two histograms of the same edges. */
export function addHistograms(one: BucketHistogram, other: BucketHistogram): BucketHistogram {
  const counts = one.counts.map((count, at) => count + (other.counts[at] ?? 0));
  return { edges: one.edges, counts, sum: one.sum + other.sum };
}

/**
 * What was counted from one moment to a later one of the same histogram. A counter that fell began anew (reset): what it
 * had counted before is lost. One that has counted more since than it had before cannot be told from one that went on.
 */
export function differenceOf(before: BucketHistogram, after: BucketHistogram): Counted<"counted" | "reset"> {
  const reason = whyApart([
    { name: "the earlier one", histogram: before },
    { name: "the later one", histogram: after },
  ]);
  if (reason !== undefined) return { state: "refused", reason };
  const inBucket = ({ counts }: BucketHistogram, at: number) => (counts[at] ?? 0) - (counts[at - 1] ?? 0);
  if (after.edges.some((_, at) => inBucket(after, at) < inBucket(before, at))) {
    return { state: "reset", histogram: after };
  }
  const counts = after.counts.map((count, at) => count - (before.counts[at] ?? 0));
  return { state: "counted", histogram: { edges: after.edges, counts, sum: after.sum - before.sum } };
}

/**
 * Between which two edges the nearest-rank quantile lies: the value at rank ⌈q · count⌉ of the sorted values, none of
 * which is below 0.
 *
 * @param q probability, 0 to 1
 * @returns undefined where there is no value; `upTo` is without end where it lies beyond the last edge
 * @throws InvalidArgumentError where q is out of range
 */
export function quantileBounds(histogram: BucketHistogram, q: number) {
  if (!(q >= 0 && q <= 1)) throw new InvalidArgumentError(`A quantile must be between 0 and 1, not ${q}.`);
  const { edges, counts } = histogram;
  const count = countOf(histogram);
  if (count === 0) return undefined;
  // The product is rounded down a little, or 0.07 · 100 = 7.000000000000001 would be rank 8.
  const rank = Math.max(1, Math.ceil(q * count * (1 - Number.EPSILON)));
  const at = counts.findIndex((upTo) => upTo >= rank);
  return { above: edges[at - 1] ?? 0, upTo: edges[at] ?? Number.POSITIVE_INFINITY };
}

/** Why histograms cannot be taken together bucket by bucket; undefined where they can. */
function whyApart(parts: readonly NamedHistogram[]): string | undefined {
  const faulty = parts.flatMap(({ name, histogram }) =>
    histogramDiagnostics(histogram).map((diagnostic) => `${name}: ${diagnostic}`),
  );
  if (faulty.length > 0) return faulty.join("; ");
  const [first, ...others] = parts;
  const edges = first?.histogram.edges ?? [];
  const hasOtherEdges = ({ histogram }: NamedHistogram) =>
    histogram.edges.length !== edges.length || histogram.edges.some((edge, at) => edge !== edges[at]);
  const other = others.find(hasOtherEdges);
  const shown = (part: NamedHistogram | undefined) =>
    `${part?.name} has ${part?.histogram.edges.length} (${part?.histogram.edges.join(", ")})`;
  return other && `edges differ: ${shown(first)}, ${shown(other)}`;
}

/**
 * What buckets say of latencies: mean exact, quantiles as the two edges around them, and a standard deviation only where
 * the sum of squares is told. Nothing between two edges is made up.
 * @param unitMs length of the histogram's unit
 * @param squares sum of the squares of all values; undefined where it is not told
 */
export function summarizeBuckets(
  histogram: BucketHistogram,
  unitMs: number,
  squares: number | undefined,
): NativeLatency {
  const count = countOf(histogram);
  const bounds = (q: number) => {
    const found = quantileBounds(histogram, q);
    return found && { aboveMs: found.above * unitMs, upToMs: finite(found.upTo * unitMs) };
  };
  return {
    count,
    meanMs: count === 0 ? undefined : (histogram.sum / count) * unitMs,
    stdDevMs: stdDev(histogram, unitMs, squares),
    p50: bounds(0.5),
    p90: bounds(0.9),
    p95: bounds(0.95),
    p99: bounds(0.99),
    p999: bounds(0.999),
    buckets: histogram.edges.map((edge, at) => ({
      upToMs: finite(edge * unitMs),
      count: histogram.counts[at] ?? 0,
    })),
  };
}

const finite = (value: number) => (Number.isFinite(value) ? value : undefined);

/** Sums of floating-point numbers may be a trace off, so that a variance of nearly nothing may come out below 0. */
function stdDev(histogram: BucketHistogram, unitMs: number, squares: number | undefined) {
  const count = countOf(histogram);
  if (squares === undefined || count < 2) return undefined;
  return Math.sqrt(Math.max(0, (squares - (histogram.sum * histogram.sum) / count) / (count - 1))) * unitMs;
}
