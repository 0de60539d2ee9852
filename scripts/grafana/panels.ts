/** Panels as all dashboards have them. */
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueTextMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as SeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

export interface PanelText {
  readonly title: string;
  readonly description?: string;
  /** Of Grafana: "s", "bytes", "percentunit". */
  readonly unit?: string;
  /** Points lie at least so far apart: "5s". */
  readonly interval?: string;
  /** Columns of 24. */
  readonly span?: number;
  /** What it shows is the name of its series. */
  readonly isName?: boolean;
}

/** Grafana tells a panel's queries apart by letters. */
const lettered = (targets: readonly Builder<Dataquery>[]): Builder<Dataquery>[] =>
  targets.map((target, at) => ({ build: () => ({ ...target.build(), refId: "ABCDEFGH"[at] ?? "" }) }));

/** The datasource that a dashboard's variable names. */
export const datasourceOf = (type: "prometheus" | "influxdb") => ({ type, uid: "$datasource" });

export function series(
  { title, description = "", unit = "short", span = 12, interval }: PanelText,
  source: ReturnType<typeof datasourceOf>,
  ...targets: readonly Builder<Dataquery>[]
): Builder<Panel> {
  const panel = interval === undefined ? new SeriesBuilder() : new SeriesBuilder().interval(interval);
  return panel
    .title(title)
    .description(description)
    .datasource(source)
    .unit(unit)
    .min(0)
    .span(span)
    .height(8)
    .fillOpacity(0)
    .lineWidth(1)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .showLegend(true)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .targets(lettered(targets));
}

/** One figure: the latest. */
export function figure(
  { title, description = "", unit = "none", span = 4, isName = false, interval }: PanelText,
  source: ReturnType<typeof datasourceOf>,
  ...targets: readonly Builder<Dataquery>[]
): Builder<Panel> {
  const panel = interval === undefined ? new StatBuilder() : new StatBuilder().interval(interval);
  return panel
    .title(title)
    .description(description)
    .datasource(source)
    .unit(unit)
    .span(span)
    .height(4)
    .textMode(isName ? BigValueTextMode.Name : BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false))
    .targets(lettered(targets));
}
