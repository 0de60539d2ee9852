/**
 * Histograms as Prometheus has them: how many values lay at or below each of a few edges. What lies between two edges is
 * not known, so that all that is said of a single value is two edges around it.
 */
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

export type MergedHistogram =
  | { readonly state: "merged"; readonly histogram: BucketHistogram }
  /** They cannot be put together without making something up. */
  | { readonly state: "refused"; readonly reason: string };

/** What was counted between two moments. */
export type HistogramDifference =
  | { readonly state: "counted"; readonly histogram: BucketHistogram }
  /**
   * The counters began anew in between: this is what they hold since then. What was counted before it is lost, so these
   * are fewer values than there were.
   */
  | { readonly state: "reset"; readonly histogram: BucketHistogram }
  | { readonly state: "refused"; readonly reason: string };

/** The true value is above `above` and not above `upTo`. */
export interface ValueBounds {
  /** Without beginning where nothing is known below the first edge. */
  readonly above: number;
  /** Without end where it lies beyond the last edge. */
  readonly upTo: number;
}

/** What keeps it from being a histogram, a phrase each; none: it is one. */
export function histogramDiagnostics({ edges, counts, sum }: BucketHistogram): string[] {
  const diagnostics: string[] = [];
  if (edges.length === 0 || edges.length !== counts.length)
    diagnostics.push("it has not one count for each edge");
  if (edges.at(-1) !== Number.POSITIVE_INFINITY) diagnostics.push("its last bucket has an end");
  if (edges.some((edge, at) => at > 0 && !(edge > (edges[at - 1] ?? 0))))
    diagnostics.push("its edges do not rise");
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 0)) {
    diagnostics.push("it counts other than whole numbers of values");
  }
  if (counts.some((count, at) => count < (counts[at - 1] ?? 0)))
    diagnostics.push("its buckets do not add up");
  if (Number.isNaN(sum)) diagnostics.push("its sum is no number");
  return diagnostics;
}

/** How many values there are. */
export function countOf({ counts }: BucketHistogram): number {
  return counts.at(-1) ?? 0;
}

/** Exact, unlike all else: undefined where there is no value. */
export function meanOfBuckets(histogram: BucketHistogram): number | undefined {
  const count = countOf(histogram);
  return count === 0 ? undefined : histogram.sum / count;
}

/**
 * All values of all of them, as if one had counted them. Those with other edges cannot be: what lies between the edges of
 * one and not of the other is not known.
 *
 * @param parts at least one
 */
export function mergeHistograms(parts: readonly NamedHistogram[]): MergedHistogram {
  const [first, ...others] = parts;
  if (first === undefined) throw new InvalidArgumentError("To merge histograms takes at least one.");
  const faulty = parts.flatMap(({ name, histogram }) =>
    histogramDiagnostics(histogram).map((diagnostic) => `${name}: ${diagnostic}`),
  );
  if (faulty.length > 0) return { state: "refused", reason: faulty.join("; ") };
  const other = others.find(({ histogram }) => !haveSameEdges(histogram, first.histogram));
  if (other !== undefined) return { state: "refused", reason: otherEdges(first, other) };
  const { edges } = first.histogram;
  return {
    state: "merged",
    histogram: {
      edges,
      counts: edges.map((_, at) =>
        parts.reduce((total, { histogram }) => total + (histogram.counts[at] ?? 0), 0),
      ),
      sum: parts.reduce((total, { histogram }) => total + histogram.sum, 0),
    },
  };
}

/**
 * What was counted from one moment to a later one of the same histogram. A counter that fell began anew. One that began
 * anew and has counted more since than it had before cannot be told from one that went on.
 */
export function differenceOf(before: BucketHistogram, after: BucketHistogram): HistogramDifference {
  const [earlier, later] = [
    { name: "the earlier one", histogram: before },
    { name: "the later one", histogram: after },
  ];
  const faulty = [earlier, later].flatMap(({ name, histogram }) =>
    histogramDiagnostics(histogram).map((diagnostic) => `${name}: ${diagnostic}`),
  );
  if (faulty.length > 0) return { state: "refused", reason: faulty.join("; ") };
  if (!haveSameEdges(before, after)) return { state: "refused", reason: otherEdges(earlier, later) };
  const inBucket = ({ counts }: BucketHistogram, at: number) => (counts[at] ?? 0) - (counts[at - 1] ?? 0);
  if (after.edges.some((_, at) => inBucket(after, at) < inBucket(before, at))) {
    return { state: "reset", histogram: after };
  }
  const counts = after.counts.map((count, at) => count - (before.counts[at] ?? 0));
  return { state: "counted", histogram: { edges: after.edges, counts, sum: after.sum - before.sum } };
}

/**
 * Between which two edges the nearest-rank quantile lies: the value at rank ⌈q · count⌉ of the sorted values. There is no
 * value in between to be read off: where in its bucket a value lies was not counted.
 *
 * @param q probability, 0 to 1
 * @param least what no value is below, as 0 of times; left out: nothing is known
 * @returns undefined where there is no value
 * @throws InvalidArgumentError where q is out of range
 */
export function quantileBounds(
  { edges, counts }: BucketHistogram,
  q: number,
  least = Number.NEGATIVE_INFINITY,
): ValueBounds | undefined {
  if (!(q >= 0 && q <= 1)) throw new InvalidArgumentError(`A quantile lies between 0 and 1, not at ${q}.`);
  const count = counts.at(-1) ?? 0;
  if (count === 0) return undefined;
  // The product is rounded down a little, or 0.07 · 100 = 7.000000000000001 would be rank 8.
  const rank = Math.max(1, Math.ceil(q * count * (1 - Number.EPSILON)));
  const at = counts.findIndex((upTo) => upTo >= rank);
  return { above: edges[at - 1] ?? least, upTo: edges[at] ?? Number.POSITIVE_INFINITY };
}

function haveSameEdges({ edges }: BucketHistogram, other: BucketHistogram): boolean {
  return edges.length === other.edges.length && edges.every((edge, at) => edge === other.edges[at]);
}

function otherEdges(one: NamedHistogram, other: NamedHistogram): string {
  const shown = ({ name, histogram }: NamedHistogram) =>
    `${name} has ${histogram.edges.length} (${histogram.edges.join(", ")})`;
  return `edges differ: ${shown(one)}, ${shown(other)}`;
}
