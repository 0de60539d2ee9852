import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { datasourceOf, figure, series } from "./panels.ts";

export const source = datasourceOf("influxdb");

export const influxVariables = [
  new DatasourceVariableBuilder("datasource").label("InfluxDB").type("influxdb"),
  new QueryVariableBuilder("run")
    .label("Sweep")
    .datasource(source)
    .query('SHOW TAG VALUES FROM "baleen_second" WITH KEY = "run"')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc),
];

/** InfluxQL; the library has no builder for it. */
export function query(text: string, alias: string): Builder<Dataquery> {
  const target = {
    refId: "",
    datasource: source,
    query: text,
    rawQuery: true,
    resultFormat: "time_series",
    alias,
    _implementsDataqueryVariant: () => {},
  };
  return { build: () => target };
}

const grouped = (fields: string, measurement: string, by = "") =>
  `SELECT ${fields} FROM "${measurement}" WHERE "run" = '$run' AND $timeFilter GROUP BY time($__interval)${by} fill(none)`;

export const influxPanels = [
  figure(
    { title: "Committed" },
    source,
    query(`SELECT sum("committed") FROM "baleen_second" WHERE "run" = '$run' AND $timeFilter`, "committed"),
  ),
  figure(
    { title: "Throughput of the latest result" },
    source,
    query(`SELECT last("throughput") FROM "baleen_run" WHERE "run" = '$run' AND $timeFilter`, "throughput"),
  ),
  series(
    { title: "Transactions per second", span: 24, description: "Mean of the seconds in each point." },
    source,
    ...["due", "sent", "acknowledged", "committed", "failed"].map((what) =>
      query(grouped(`mean("${what}")`, "baleen_second"), what),
    ),
  ),
  series(
    { title: "Latency", unit: "ms", description: "The highest of the seconds in each point." },
    source,
    query(grouped('max("p50_ms")', "baleen_second"), "p50"),
    query(grouped('max("p99_ms")', "baleen_second"), "p99"),
  ),
  series(
    { title: "Lateness of sends, p99", unit: "ms" },
    source,
    query(grouped('max("lateness_p99_ms")', "baleen_second"), "lateness p99"),
  ),
  series(
    { title: "CPU of nodes", unit: "none" },
    source,
    query(grouped('mean("cpu_cores")', "baleen_node", ', "node"'), "$tag_node"),
  ),
  series(
    { title: "Memory of nodes", unit: "bytes" },
    source,
    query(grouped('mean("memory_bytes")', "baleen_node", ', "node"'), "$tag_node"),
  ),
  series(
    { title: "CPU of machines", unit: "percentunit" },
    source,
    query(grouped('mean("busy_ratio")', "baleen_machine", ', "machine"'), "$tag_machine"),
  ),
  series(
    { title: "Faults", unit: "none" },
    source,
    query(grouped('count("asked_secs")', "baleen_fault", ', "action", "node"'), "$tag_action $tag_node"),
  ),
];
