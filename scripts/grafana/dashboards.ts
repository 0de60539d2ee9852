import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  type VariableModel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { browserTestPanels, browserTestVariables } from "./browser-tests.ts";
import { influxPanels, influxVariables } from "./influx.ts";
import { nodePanels, nodeVariables } from "./nodes.ts";
import { runPanels, runVariables } from "./runs.ts";

type Parts<Item> = readonly Builder<Item>[];

function build(
  { title, uid, refresh }: { readonly title: string; readonly uid: string; readonly refresh: string },
  variables: Parts<VariableModel>,
  panels: Parts<Panel>,
): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .tags(["baleen"])
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: "now-15m", to: "now" })
    .refresh(refresh)
    .variables([...variables]);
  for (const panel of panels) dashboard.withPanel(panel);
  return dashboard.build();
}

/** File name → text. */
export const dashboardFiles = (): ReadonlyMap<string, string> => {
  const all = {
    "runs.json": build({ title: "Baleen: runs", uid: "baleen-runs", refresh: "5s" }, runVariables, runPanels),
    "nodes.json": build(
      { title: "Baleen: the nodes' own metrics", uid: "baleen-nodes", refresh: "5s" },
      nodeVariables,
      nodePanels,
    ),
    "influxdb.json": build(
      { title: "Baleen: runs in InfluxDB", uid: "baleen-influxdb", refresh: "10s" },
      influxVariables,
      influxPanels,
    ),
    "browser-tests.json": build(
      { title: "Baleen: browser tests", uid: "baleen-browser-tests", refresh: "5s" },
      browserTestVariables,
      browserTestPanels,
    ),
  };
  return new Map(
    Object.entries(all).map(([name, dashboard]) => [name, `${JSON.stringify(dashboard, null, 2)}\n`]),
  );
};
