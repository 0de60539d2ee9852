import type { Ledger } from "../../../contracts/results/latency.ts";
import { snakeCase } from "../../../core/keys.ts";
import type { Labels } from "../../../metrics/nodes/line.ts";
import type { MetricFamily } from "../../../metrics/nodes/prometheus.ts";
import { replyFates } from "../../../metrics/stats/ledger.ts";
import type { RunState, SweepState } from "../../feed/run-state.ts";
import { type MetricName, MetricSet } from "./metrics.ts";

const phases = [
  "deploying",
  "opening",
  "warm-up",
  "window",
  "drain",
  "done",
  "ended",
] as const satisfies readonly RunState["phase"][];

/** What a sweep shows of the run that goes on, or was the last; nothing before its first run. */
export function runMetrics({ sweep, run }: SweepState): readonly MetricFamily[] {
  if (sweep === undefined || run === undefined) return [];
  const set = new MetricSet([
    ["benchmark", String(run.benchmarkNumber)],
    ["run", sweep.run],
  ]);
  addRun(set, { sweep, run });
  addLoad(set, run);
  addRoutines(set, run);
  addCounted(set, run);
  addMachines(set, run);
  return set.families();
}

function addRun(set: MetricSet, { sweep, run }: Required<Pick<SweepState, "sweep" | "run">>): void {
  set.add("baleen_run_info", 1, [
    ["kind", run.closedLoop === true ? "in flight" : "per second"],
    ["load", String(run.loadTps)],
    ["name", sweep.name ?? ""],
    ["network", sweep.network],
    ["repetition", String(run.repetition ?? 1)],
    ["runtime", sweep.runtime],
  ]);
  for (const phase of phases) {
    set.add("baleen_run_phase", phase === run.phase ? 1 : 0, [["phase", phase]]);
  }
  if (run.status !== undefined) set.add("baleen_run_verdict", 1, [["status", run.status]]);
  const { windowStartsAtMs, figures } = run;
  set.add("baleen_run_window_start_time_seconds", inSeconds(windowStartsAtMs));
  set.add("baleen_run_throughput", figures?.throughputTps?.value);
  for (const [cell, transactions] of ledgerCells(figures?.ledger)) {
    set.add("baleen_ledger_transactions", transactions, cell);
  }
}

/** Every transaction that was due is in exactly one. */
export function ledgerCells(ledger: Ledger | undefined): readonly (readonly [Labels, number])[] {
  if (ledger === undefined) return [];
  const { sent, unsent } = ledger;
  const cell = (commit: string, fate: string): Labels => [
    ["commit", commit],
    ["outcome", fate],
  ];
  return [
    ...replyFates.flatMap((fate) => [
      [cell("observed", snakeCase(fate)), sent[fate].committed] as const,
      [cell("not_observed", snakeCase(fate)), sent[fate].notSeen] as const,
    ]),
    [cell("not_observed", "dropped"), unsent.dropped],
    [cell("not_observed", "cut"), unsent.cut],
  ];
}

function addLoad(set: MetricSet, { totals, tally, seconds }: RunState): void {
  for (const key of ["due", "sent", "acknowledged", "committed", "failed"] as const) {
    set.add(`baleen_transactions_${key}_total`, totals[key]);
  }
  set.addLatency("baleen_transaction_latency_seconds", tally.latency);
  const second = seconds.at(-1);
  set.add("baleen_lateness_p99_seconds", inSeconds(second?.latenessP99Ms));
  set.add("baleen_generator_cpu_cores", second?.cpuRatio);
  set.add("baleen_generator_loop_delay_seconds", inSeconds(second?.loopDelayMaxMs));
  set.add("baleen_generator_gc_pause_seconds", inSeconds(second?.gcPauseMs));
}

function addRoutines(set: MetricSet, { routineSteps }: RunState): void {
  const step = routineSteps.at(-1);
  if (step === undefined) return;
  set.add("baleen_routine_peers", step.peers);
  set.add("baleen_routine_connections", step.connections);
  for (const family of ["sent", "received", "relayed"] as const) {
    set.add("baleen_routine_packets_per_second", step[`${family}PerSec`], [["family", family]]);
  }
  set.add("baleen_routine_messages_delivered_per_second", step.deliveredPerSec);
  set.add("baleen_routine_ticks_per_second", step.tickRateMeanPerSec);
  set.add("baleen_routine_ticks_per_second_least", step.tickRateLeastPerSec);
  set.add("baleen_routine_timer_lateness_max_seconds", inSeconds(step.timerLatenessMaxMs));
}

function addCounted(set: MetricSet, { tally, nodes }: RunState): void {
  for (const { node, action, stage, count } of tally.faults) {
    set.add("baleen_faults_total", count, [
      ["action", action],
      ["node", node],
      ["stage", stage],
    ]);
  }
  for (const { action, state, count } of tally.linkChanges) {
    set.add("baleen_link_changes_total", count, [
      ["action", action],
      ["state", state],
    ]);
  }
  for (const { node, health, restarts, cpuRatio, memoryBytes } of nodes) {
    const labels: Labels = [["node", node]];
    set.add("baleen_node_up", health === "up" ? 1 : 0, labels);
    set.add("baleen_node_restarts_total", restarts, labels);
    set.add("baleen_node_cpu_cores", cpuRatio, labels);
    set.add("baleen_node_memory_bytes", memoryBytes, labels);
  }
}

const ofMachines = {
  baleen_machine_cpu_busy_ratio: "busyRatio",
  baleen_machine_cpu_background_ratio: "backgroundRatio",
  baleen_machine_cpu_steal_ratio: "stealRatio",
  baleen_machine_memory_available_bytes: "memoryAvailableBytes",
  baleen_machine_memory_pressure_ratio: "memoryPressureRatio",
  baleen_machine_network_bytes_per_second: "networkBytesPerSec",
} as const satisfies Partial<Record<MetricName, string>>;

function addMachines(set: MetricSet, { machines }: RunState): void {
  for (const { name, seconds } of machines) {
    for (const [metric, figure] of Object.entries(ofMachines)) {
      set.add(metric as MetricName, seconds.at(-1)?.[figure], [["machine", name]]);
    }
  }
}

const inSeconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);
