import { formatLabels } from "./line.ts";
import { nodeLabel } from "./openmetrics.ts";
import { type MetricSample, parsePrometheus } from "./prometheus.ts";
import { MetricsRecord, type RecordedFamily } from "./record.ts";

/**
 * What `formatOpenMetrics` wrote, as if the nodes were looked at once more; times are wall time, milliseconds since 1970
 * UTC. What lost its type there (see there) comes back sample by sample.
 *
 * @throws PrometheusFormatError
 */
export function readOpenMetrics(text: string): readonly RecordedFamily[] {
  const shown = parsePrometheus(text).flatMap((family) =>
    family.samples.map((sample) => ({
      family,
      ...ofNode(sample),
      atMs: Math.round(sample.timestampMs ?? Number.NaN),
    })),
  );
  const record = new MetricsRecord(["*"]);
  // One look after another, each in the order of the text.
  for (const { family, node, sample, atMs } of shown.sort((a, b) => a.atMs - b.atMs)) {
    record.add(node, atMs, [{ ...family, samples: [sample] }]);
  }
  return record.families();
}

/** The node that showed it, and the sample as that node showed it. */
function ofNode({ series, ...sample }: MetricSample): {
  readonly node: string;
  readonly sample: MetricSample;
} {
  const labels = series.labels.filter(([name]) => name !== nodeLabel);
  const key = `${series.name}${formatLabels(labels)}`;
  const node = series.labels.find(([name]) => name === nodeLabel)?.[1] ?? "";
  return { node, sample: { ...sample, series: { name: series.name, labels, key } } };
}
