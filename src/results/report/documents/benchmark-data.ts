import type { ComparedMetric } from "../../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { formatJson, present, rounded } from "../../../core/documents/numbers.ts";
import { meanInterval } from "../../../metrics/stats/confidence.ts";
import { isCounted, readMetric, unseenIn } from "../../../metrics/stats/run-metrics.ts";
import { measuredBy } from "../blocks/generator.ts";
import { formatFigure } from "../text/figures.ts";
import { nameLoad } from "../text/load.ts";
import { nameSweep, type ReportedSweep } from "./reported-sweep.ts";

/** One series of github-action-benchmark. */
interface Series {
  readonly name: string;
  readonly unit: string;
  readonly of: (run: MeasuredRun) => number | undefined;
}

/** A bound, drawn as if it were measured, would say something else than it is. */
const measured = (metric: ComparedMetric) => (run: MeasuredRun) => {
  const found = readMetric(metric, run);
  return found === undefined || found.atLeast ? undefined : found.value;
};

/** The mean of those that were seen is no mean where the end of others was not. */
const wholeMean = (run: MeasuredRun) => (unseenIn([run]) === 0 ? measured("avgLatency")(run) : undefined);

const series: Readonly<Record<"throughput" | "latency", readonly Series[]>> = {
  throughput: [{ name: "throughput", unit: "tx/s", of: measured("throughput") }],
  latency: [
    { name: "latency mean", unit: "ms", of: wholeMean },
    { name: "latency p50", unit: "ms", of: measured("p50Latency") },
    { name: "latency p99", unit: "ms", of: measured("p99Latency") },
  ],
};

/**
 * A document for github-action-benchmark: `throughput` for its customBiggerIsBetter, `latency` for customSmallerIsBetter.
 * A point is the mean over a load's runs that are not invalid; where one of them knows only a bound, there is no point.
 */
export function formatBenchmarkData(
  sweeps: readonly ReportedSweep[],
  which: "throughput" | "latency",
): string {
  const points = sweeps.flatMap((sweep) =>
    [...Map.groupBy<number, MeasuredRun>(sweep.summary.runs, loadOf)].flatMap(([loadTps, runs]) => {
      const counted = runs.filter(isCounted);
      const place = placeOf(sweep, loadTps);
      return place === undefined ? [] : series[which].flatMap((one) => point(one, place, counted));
    }),
  );
  return formatJson(points);
}

const loadOf = ({ parameters }: MeasuredRun) => parameters.loadTps;

/** The loads of a search are others each time, so only the one that it found goes on in a series. */
function placeOf(sweep: ReportedSweep, loadTps: number): string | undefined {
  const { search, runs } = sweep.summary;
  if (search === undefined) return `${nameSweep(sweep)} ${nameLoad(loadTps, runs)}`;
  return loadTps === search.sustainedTps ? `${nameSweep(sweep)}, highest sustained load` : undefined;
}

function point({ name, unit, of }: Series, place: string, runs: readonly MeasuredRun[]) {
  const values = runs.map(of).filter((value) => value !== undefined);
  if (values.length === 0 || values.length < runs.length) return [];
  const { mean, high } = meanInterval(values);
  const statuses = [...new Set(runs.map(({ verdict }) => verdict.status))].join(", ");
  return [
    present({
      name: `${place}: ${name}`,
      unit,
      value: rounded(mean),
      range: high === undefined ? undefined : `± ${formatFigure(high - mean)}`,
      extra: `${runs.length} ${runs.length === 1 ? "run" : "runs"}, ${statuses}; measured by ${measuredBy(runs)}`,
    }),
  ];
}
