/** What nodes use by the size of the committee: bundles' figures, put in order. Pure. */
import type { MetricMean } from "../../contracts/results/load-summary.ts";
import type { VariedOption } from "../../contracts/results/variation.ts";
import {
  type ResourceMetric,
  type ResourceValues,
  resourceMetrics,
  resourcesByRole,
} from "../../metrics/nodes/resources.ts";
import { meanInterval } from "../../metrics/stats/confidence.ts";
import { isCounted } from "../../metrics/stats/run-metrics.ts";
import { type Slope, theilSen } from "../../metrics/stats/trend/theil-sen.ts";
import type { MeasuredPoint } from "./variation.ts";

/** Nodes of one role at one size. */
export interface ResourceRow {
  readonly committee: number;
  readonly nodes: number;
  /** Runs that are not invalid. */
  readonly runs: number;
  /** Mean per node over these runs. */
  readonly metrics: Readonly<Partial<Record<ResourceMetric, MetricMean>>>;
}

/** Nodes of one role at one load, over all sizes. */
export interface ResourceSeries {
  readonly role: string;
  readonly loadTps: number;
  /** By size, rising. */
  readonly rows: readonly ResourceRow[];
  /** Change of the mean per node with each node more of the committee; absent where it is known at one size only. */
  readonly slopes: Readonly<Partial<Record<ResourceMetric, Slope>>>;
}

/** One run of nodes of one role. */
interface Sample {
  readonly committee: number;
  readonly nodes: number;
  readonly means: ResourceValues;
}

/** Empty unless the size of the committee is what is varied, and nothing else. */
export function compareResources(
  options: readonly Pick<VariedOption, "name">[],
  points: readonly MeasuredPoint[],
): readonly ResourceSeries[] {
  if (options.length !== 1 || options[0]?.name !== "committee") return [];
  const samples = points.flatMap(({ values: [committee], summary }) =>
    (summary?.runs ?? []).filter(isCounted).flatMap((run) =>
      resourcesByRole(run).map(({ role, nodes, means }) => ({
        key: `${run.parameters.loadTps} ${role}`,
        ...{ role, nodes, means, committee: Number(committee), loadTps: run.parameters.loadTps },
      })),
    ),
  );
  return [...Map.groupBy(samples, ({ key }) => key).values()].flatMap((own) => {
    const [{ role, loadTps }] = own as [(typeof own)[number]];
    const rows = [...Map.groupBy(own, ({ committee }) => committee).values()]
      .map(rowOf)
      .sort((a, b) => a.committee - b.committee);
    const slopes = eachMetric((metric) => theilSen(placesOf(own, metric)));
    return rows.length < 2 ? [] : [{ role, loadTps, rows, slopes }];
  });
}

function rowOf(own: readonly Sample[]): ResourceRow {
  const [{ committee, nodes }] = own as [Sample];
  const metrics = eachMetric((metric): MetricMean | undefined => {
    const values = placesOf(own, metric).map(({ y }) => y);
    return values.length === 0 ? undefined : { ...meanInterval(values), atLeast: false };
  });
  return { committee, nodes, runs: own.length, metrics };
}

const placesOf = (own: readonly Sample[], metric: ResourceMetric) =>
  own.flatMap(({ committee, means }) => {
    const value = means[metric];
    return value === undefined ? [] : [{ x: committee, y: value }];
  });

function eachMetric<Value>(find: (metric: ResourceMetric) => Value | undefined) {
  const found = resourceMetrics.flatMap((metric) => {
    const value = find(metric);
    return value === undefined ? [] : [[metric, value] as const];
  });
  return Object.fromEntries(found) as Readonly<Partial<Record<ResourceMetric, Value>>>;
}
