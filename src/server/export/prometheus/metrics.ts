/** The metrics that Baleen shows of its runs, and Prometheus' text format. */
import {
  canonicalBound,
  escapeText,
  formatLabels,
  formatNumber,
  type Labels,
} from "../../../metrics/nodes/line.ts";
import type { MetricFamily, MetricSample } from "../../../metrics/nodes/prometheus.ts";
import { type BucketedLatency, latencyEdgesMs } from "../../../metrics/stats/latency-buckets.ts";

/** Of Prometheus' text format 0.0.4. */
export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

/** Name → type and help. All have the labels `run` (id of the sweep) and `benchmark` (number of the run in it). */
const metrics = {
  baleen_run_info: ["gauge", "The run: its load, and the network it is on. Always 1."],
  baleen_run_phase: ["gauge", "1 for the phase that the run is in, 0 for the others."],
  baleen_run_verdict: ["gauge", "1 for the verdict on the finished run."],
  baleen_run_window_start_time_seconds: ["gauge", "Start of the measurement window, seconds since 1970 UTC."],
  baleen_transactions_due_total: ["counter", "Transactions that were due, those of the warm-up included."],
  baleen_transactions_sent_total: ["counter", "Transactions sent to nodes."],
  baleen_transactions_acknowledged_total: ["counter", "Transactions that a node accepted."],
  baleen_transactions_committed_total: ["counter", "Transactions observed as committed."],
  baleen_transactions_failed_total: ["counter", "Transactions refused, timed out or never sent."],
  baleen_transaction_latency_seconds: [
    "histogram",
    "Headline latency: from the due time to the commit, or to the reply if commits cannot be observed.",
  ],
  baleen_ledger_transactions: [
    "gauge",
    "Transactions due in the window by their outcome; shown when the run has finished. Their sum is the schedule.",
  ],
  baleen_run_throughput: ["gauge", "Transactions per second of the finished run's result."],
  baleen_lateness_p99_seconds: [
    "gauge",
    "99th percentile of the lateness of the transactions due in the latest second.",
  ],
  baleen_generator_cpu_cores: ["gauge", "CPU of the busiest client thread in the latest second, cores."],
  baleen_generator_loop_delay_seconds: [
    "gauge",
    "Longest delay of a client's event loop in the latest second.",
  ],
  baleen_generator_gc_pause_seconds: ["gauge", "Garbage collection pauses of a client in the latest second."],
  baleen_routine_peers: [
    "gauge",
    "Peers with routines that have reported of late; the figures below are of these.",
  ],
  baleen_routine_connections: ["gauge", "Connections of a peer, mean."],
  baleen_routine_packets_per_second: [
    "gauge",
    "Packets of all peers in the latest step, by the library's counters.",
  ],
  baleen_routine_messages_delivered_per_second: [
    "gauge",
    "Messages that arrived at peers in the latest step, each counted once at each peer.",
  ],
  baleen_routine_ticks_per_second: ["gauge", "Calls of the routine in the latest step, mean of the peers."],
  baleen_routine_ticks_per_second_least: ["gauge", "The same of the slowest peer."],
  baleen_routine_timer_lateness_max_seconds: [
    "gauge",
    "The latest timer of all peers' pages in the latest step.",
  ],
  baleen_faults_total: ["counter", "Faults of nodes by action and stage."],
  baleen_link_changes_total: ["counter", "Changes of links by action and state."],
  baleen_machine_cpu_busy_ratio: ["gauge", "CPU in use, share of all cores."],
  baleen_machine_cpu_background_ratio: ["gauge", "CPU used by other programs, share of all cores."],
  baleen_machine_cpu_steal_ratio: ["gauge", "CPU withheld by the hypervisor, share of all cores."],
  baleen_machine_memory_available_bytes: ["gauge", "Available memory."],
  baleen_machine_memory_pressure_ratio: ["gauge", "Share of the second in which a task waited for memory."],
  baleen_machine_network_bytes_per_second: ["gauge", "Received and sent by the machine's own interfaces."],
  baleen_node_up: ["gauge", "Whether the node is up, as far as the benchmark knows."],
  baleen_node_restarts_total: ["counter", "Restarts of the node."],
  baleen_node_cpu_cores: ["gauge", "CPU of the node in the latest second, cores."],
  baleen_node_memory_bytes: ["gauge", "Resident memory of the node."],
} as const satisfies Readonly<Record<string, readonly [type: MetricFamily["type"], help: string]>>;

export type MetricName = keyof typeof metrics;

/** Values of metrics, put together for one look at them. */
export class MetricSet {
  readonly #samples = new Map<MetricName, MetricSample[]>();
  readonly #common: Labels;

  /** @param common labels of every sample */
  constructor(common: Labels) {
    this.#common = common;
  }

  /** Left out where it is unknown. */
  add(name: MetricName, value: number | undefined, labels: Labels = []): void {
    if (value !== undefined) this.#push(name, name, value, labels);
  }

  addLatency(name: MetricName, { counts, sumMs }: BucketedLatency): void {
    let upTo = 0;
    counts.forEach((count, at) => {
      upTo += count;
      const edgeMs = latencyEdgesMs[at];
      const bound = edgeMs === undefined ? "+Inf" : canonicalBound(String(edgeMs / 1000));
      this.#push(name, `${name}_bucket`, upTo, [["le", bound]]);
    });
    this.#push(name, `${name}_sum`, sumMs / 1000, []);
    this.#push(name, `${name}_count`, upTo, []);
  }

  families(): readonly MetricFamily[] {
    return [...this.#samples].map(([name, samples]) => ({
      name,
      type: metrics[name][0],
      help: metrics[name][1],
      samples,
    }));
  }

  #push(family: MetricName, name: string, value: number, own: Labels): void {
    const labels = [...this.#common, ...own].sort(([a], [b]) => (a < b ? -1 : 1));
    const series = { name, labels, key: `${name}${formatLabels(labels)}` };
    const samples = this.#samples.get(family);
    if (samples === undefined) this.#samples.set(family, [{ series, value }]);
    else samples.push({ series, value });
  }
}

/** Text of Prometheus' format 0.0.4; the same metric of several sets is one family. */
export function formatExposition(sets: readonly (readonly MetricFamily[])[]): string {
  const lines: string[] = [];
  for (const name of Object.keys(metrics)) {
    const same = sets.flatMap((families) => families.filter((family) => family.name === name));
    const [first] = same;
    if (first === undefined) continue;
    lines.push(`# HELP ${name} ${escapeText(first.help ?? "")}`, `# TYPE ${name} ${first.type}`);
    for (const { series, value } of same.flatMap(({ samples }) => samples)) {
      lines.push(`${series.key} ${formatNumber(value)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}
