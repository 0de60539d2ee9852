import type { ComparedMetric, LoadComparison, MetricComparison } from "../contracts/comparison.ts";

/** What the sentence speaks of: the two that a reader asks for first. */
const spokenOf: readonly (readonly [ComparedMetric, string])[] = [
  ["throughput", "throughput"],
  ["avgLatency", "average latency"],
];

/**
 * What can be said of one load, in a sentence. An interval that holds 1 leaves open which side is ahead; to call them
 * equal would take more than that.
 */
export function describeVerdict(
  load: Pick<LoadComparison, "a" | "b" | "metrics"> & { readonly runsNeeded: number },
): string {
  const { a, b, metrics, runsNeeded } = load;
  if (Math.min(a.counted, b.counted) < runsNeeded) {
    const needed = runsNeeded === 4 ? "four" : String(runsNeeded);
    const word = (count: number) => `${count} ${count === 1 ? "run" : "runs"}`;
    return a.counted === b.counted
      ? `no verdict (${word(a.counted)} a side; ${needed} are needed)`
      : `no verdict (${word(a.counted)} of A, ${word(b.counted)} of B; ${needed} a side are needed)`;
  }
  const kinds = [a, b].map(({ latencyKinds }) => latencyKinds.join(" and "));
  if (kinds[0] !== kinds[1] || a.latencyKinds.length > 1) {
    return `no verdict (A's runs measured ${kinds[0]}, B's ${kinds[1]})`;
  }
  return `${spokenOf.map(([metric, name]) => phrase(name, metrics[metric])).join("; ")}.`;
}

function phrase(name: string, { ratio, confidence }: MetricComparison): string {
  if (ratio === undefined || confidence === undefined) return `${name} cannot be compared`;
  const { low, high } = confidence;
  const range = `95 % confidence ${low.toFixed(3)} to ${high.toFixed(3)}`;
  if (low <= 1 && high >= 1) return `${name} is not told apart (B/A ${ratio.toFixed(3)}, ${range})`;
  return `B's ${name} is ${ratio.toFixed(3)} times A's (${range})`;
}
