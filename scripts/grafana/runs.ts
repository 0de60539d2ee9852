import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { datasourceOf, figure, series } from "./panels.ts";

const source = datasourceOf("prometheus");

export const prometheusVariable = new DatasourceVariableBuilder("datasource")
  .label("Prometheus")
  .type("prometheus");

export const runVariables = [
  prometheusVariable,
  new QueryVariableBuilder("run")
    .label("Sweep")
    .datasource(source)
    .query({ qryType: 1, query: "label_values(baleen_run_info, run)", refId: "run" })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc),
];

export const query = (expr: string, legend: string) =>
  new DataqueryBuilder().datasource(source).expr(expr).legendFormat(legend).range();

const ofRun = '{run="$run"}';
const rate = (metric: string) => `sum(rate(${metric}${ofRun}[$__rate_interval]))`;
const quantile = (q: number) =>
  `histogram_quantile(${q}, sum by (le) (rate(baleen_transaction_latency_seconds_bucket${ofRun}[$__rate_interval])))`;

export const runPanels = [
  figure(
    { title: "Load", isName: true },
    source,
    query(`baleen_run_info${ofRun}`, "{{load}} {{kind}}, {{network}} network"),
  ),
  figure({ title: "Phase", isName: true }, source, query(`baleen_run_phase${ofRun} == 1`, "{{phase}}")),
  figure(
    { title: "Committed per second" },
    source,
    query(rate("baleen_transactions_committed_total"), "committed"),
  ),
  figure({ title: "Median latency", unit: "s" }, source, query(quantile(0.5), "p50")),
  figure({ title: "p99 latency", unit: "s" }, source, query(quantile(0.99), "p99")),
  figure({ title: "Verdict", isName: true }, source, query(`baleen_run_verdict${ofRun}`, "{{status}}")),
  series(
    { title: "Transactions per second" },
    source,
    ...["due", "sent", "acknowledged", "committed", "failed"].map((what) =>
      query(rate(`baleen_transactions_${what}_total`), what),
    ),
  ),
  series(
    {
      title: "Latency",
      unit: "s",
      description: "From the due time to the commit, interpolated between buckets.",
    },
    source,
    ...[0.5, 0.9, 0.99].map((q) => query(quantile(q), `p${q * 100}`)),
  ),
  series(
    {
      title: "Lateness of sends, p99",
      unit: "s",
      description: "If it is high, the load generator limits the run.",
    },
    source,
    query(`baleen_lateness_p99_seconds${ofRun}`, "lateness p99"),
    query(`baleen_generator_loop_delay_seconds${ofRun}`, "event loop delay"),
    query(`baleen_generator_gc_pause_seconds${ofRun}`, "garbage collection"),
  ),
  series(
    { title: "Transactions without an end yet", description: "Sent, and neither committed nor failed." },
    source,
    query(
      `sum(baleen_transactions_sent_total${ofRun}) - sum(baleen_transactions_committed_total${ofRun})`,
      "sent, not committed",
    ),
  ),
  series(
    { title: "CPU of nodes", unit: "none", description: "Cores." },
    source,
    query(`baleen_node_cpu_cores${ofRun}`, "{{node}}"),
  ),
  series(
    { title: "Memory of nodes", unit: "bytes" },
    source,
    query(`baleen_node_memory_bytes${ofRun}`, "{{node}}"),
  ),
  series(
    { title: "CPU of machines", unit: "percentunit" },
    source,
    query(`baleen_machine_cpu_busy_ratio${ofRun}`, "{{machine}}"),
    query(`baleen_machine_cpu_background_ratio${ofRun}`, "{{machine}}, other programs"),
  ),
  series(
    { title: "Available memory of machines", unit: "bytes" },
    source,
    query(`baleen_machine_memory_available_bytes${ofRun}`, "{{machine}}"),
  ),
  series(
    { title: "Nodes that are up", unit: "none" },
    source,
    query(`sum(baleen_node_up${ofRun})`, "up"),
    query(`count(baleen_node_up${ofRun})`, "all"),
  ),
  series(
    { title: "Faults and changes of links", unit: "none", description: "Counted from the start of the run." },
    source,
    query(
      `sum by (action, stage, state) ({__name__=~"baleen_(faults|link_changes)_total", run="$run"})`,
      "{{action}} {{stage}}{{state}}",
    ),
  ),
  series(
    { title: "Outcome of the transactions", description: "From the end of each run.", span: 24 },
    source,
    query(`sum by (outcome, commit) (baleen_ledger_transactions${ofRun})`, "{{outcome}}, commit {{commit}}"),
  ),
];
