import { BaleenError } from "../../core/errors.ts";
import { type BucketHistogram, histogramDiagnostics } from "../stats/bucket-histogram.ts";
import { formatLabels, type Labels } from "./line.ts";
import type { MetricFamily } from "./prometheus.ts";

/** A histogram of a family, by its labels. */
export interface LabelledHistogram {
  /** Without `le`. */
  readonly labels: Labels;
  readonly histogram: BucketHistogram;
}

/** A family that says it is one of histograms and is not. */
export class BucketError extends BaleenError {
  constructor(name: string, diagnostics: readonly string[]) {
    super("metric-buckets", `${name} cannot be read as a histogram: ${diagnostics.join("; ")}`);
  }
}

interface OpenHistogram {
  readonly labels: Labels;
  readonly buckets: (readonly [edge: number, count: number])[];
  sum?: number;
  count?: number;
}

/**
 * The histograms of a family, one for each set of labels, at one moment.
 *
 * @throws BucketError where one lacks buckets, sum or count, or does not add up
 */
export function readHistograms(family: MetricFamily): readonly LabelledHistogram[] {
  const open = new Map<string, OpenHistogram>();
  for (const { series, value } of family.samples) {
    const { name, labels } = series;
    const others = labels.filter(([label]) => label !== "le");
    const key = formatLabels(others);
    const one = open.get(key) ?? { labels: others, buckets: [] };
    open.set(key, one);
    const edge = labels.find(([label]) => label === "le")?.[1] ?? "";
    if (name === `${family.name}_bucket`) one.buckets.push([edgeOf(edge), value]);
    if (name === `${family.name}_sum`) one.sum = value;
    if (name === `${family.name}_count`) one.count = value;
  }
  return [...open.values()].map((one) => close(family.name, one));
}

const edgeOf = (text: string) => (text === "+Inf" ? Number.POSITIVE_INFINITY : Number(text || Number.NaN));

function close(name: string, { labels, buckets, sum, count }: OpenHistogram): LabelledHistogram {
  const histogram = {
    edges: buckets.map(([edge]) => edge),
    counts: buckets.map(([, upTo]) => upTo),
    sum: sum ?? Number.NaN,
  };
  const diagnostics = histogramDiagnostics(histogram);
  if (count !== histogram.counts.at(-1)) diagnostics.push("its last bucket is not its count");
  if (diagnostics.length > 0) throw new BucketError(name + formatLabels(labels), diagnostics);
  return { labels, histogram };
}
