import type { MetricMean } from "../../../contracts/results/load-summary.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { type ResourceMetric, resourceMetrics } from "../../../metrics/nodes/resources.ts";
import type { Slope } from "../../../metrics/stats/trend/theil-sen.ts";
import type { ResourceRow, ResourceSeries } from "../../charts/resources.ts";
import { formatBytes, formatFigure, nothingSeen, seen } from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const percent = (ratio: number) => formatFigure(ratio * 100);

const shown: Readonly<
  Record<ResourceMetric, { readonly head: string; readonly format: (value: number) => string }>
> = {
  connections: { head: "Connections", format: formatFigure },
  memoryBytes: { head: "Memory", format: formatBytes },
  cpuRatio: { head: "CPU, % of a core", format: percent },
  readsPerSec: { head: "Reads/s", format: formatFigure },
  writesPerSec: { head: "Writes/s", format: formatFigure },
  openFiles: { head: "Open files", format: formatFigure },
  threads: { head: "Threads", format: formatFigure },
  goroutines: { head: "Goroutines", format: formatFigure },
};

type Row = ResourceRow & Pick<ResourceSeries, "role" | "loadTps">;

interface SlopeRow extends Pick<ResourceSeries, "role" | "loadTps"> {
  readonly metric: ResourceMetric;
  readonly slope: Slope;
}

const knownOf = (all: readonly ResourceSeries[]) =>
  resourceMetrics.filter((metric) => all.some(({ rows }) => rows.some(({ metrics }) => metrics[metric])));

const hasLoads = (all: readonly ResourceSeries[]) => new Set(all.map(({ loadTps }) => loadTps)).size > 1;

const loadColumn = (all: readonly ResourceSeries[]) =>
  hasLoads(all)
    ? [right<Pick<ResourceSeries, "loadTps">>("Load, tx/s", ({ loadTps }) => String(loadTps))]
    : [];

/** Size by size, and in each role by role. */
export const resourceRows = (all: readonly ResourceSeries[]): readonly Row[] =>
  all
    .flatMap(({ role, loadTps, rows }) => rows.map((row) => ({ ...row, role, loadTps })))
    .sort((a, b) => a.loadTps - b.loadTps || a.committee - b.committee);

export const resourceColumns = (all: readonly ResourceSeries[]): readonly Column<Row>[] => [
  ...loadColumn(all),
  right("committee", ({ committee }) => String(committee)),
  left("Role", ({ role }) => formatForeign(role)),
  right("Nodes", ({ nodes }) => String(nodes)),
  ...knownOf(all).map((metric) => {
    const { head, format } = shown[metric];
    return right<Row>(head, ({ metrics }) => seen(metrics[metric], ({ mean }: MetricMean) => format(mean)));
  }),
  right("Runs", ({ runs }) => String(runs)),
];

/** Role by role, metric by metric. */
export const slopeRows = (all: readonly ResourceSeries[]): readonly SlopeRow[] =>
  all.flatMap(({ role, loadTps, slopes }) =>
    resourceMetrics.flatMap((metric) => {
      const slope = slopes[metric];
      return slope === undefined ? [] : [{ role, loadTps, metric, slope }];
    }),
  );

export const slopeColumns = (all: readonly ResourceSeries[]): readonly Column<SlopeRow>[] => [
  ...loadColumn(all),
  left("Role", ({ role }) => formatForeign(role)),
  left("Per node", ({ metric }) => shown[metric].head),
  right("For each node more", ({ metric, slope }) => signed(metric, slope.slope)),
  right("95 % interval", ({ metric, slope: { low, high } }) =>
    low === undefined || high === undefined
      ? nothingSeen
      : `${signed(metric, low)} to ${signed(metric, high)}`,
  ),
];

function signed(metric: ResourceMetric, value: number): string {
  const text = shown[metric].format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

export const slopeNote =
  "Theil-Sen slopes over the runs, with intervals from five runs on: use --runs for more.";

/** Both tables; empty where there is nothing. */
export function formatResources(all: readonly ResourceSeries[]): readonly string[] {
  if (all.length === 0) return [];
  return [
    "",
    "RESOURCES BY COMMITTEE (means per node):",
    formatTable(resourceColumns(all), resourceRows(all)),
    "",
    formatTable(slopeColumns(all), slopeRows(all)),
    slopeNote,
  ];
}
