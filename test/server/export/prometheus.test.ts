import { expect, test } from "vitest";
import { parsePrometheus } from "../../../src/metrics/nodes/prometheus.ts";
import { formatExposition } from "../../../src/server/export/prometheus/metrics.ts";
import { runMetrics } from "../../../src/server/export/prometheus/run-metrics.ts";
import { newState } from "../../../src/server/feed/run-state.ts";
import { eventsOf, routineRun, stateOf, wholeRun } from "./events.ts";

const whole = formatExposition([runMetrics(stateOf(eventsOf(wholeRun)))]);

/** Samples of a metric, by their name and those of its labels that are asked for. */
function samplesOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}) {
  const samples = parsePrometheus(text).flatMap((family) => family.samples);
  return samples.filter(
    ({ series }) =>
      series.name === name &&
      Object.entries(labels).every(([key, value]) =>
        series.labels.some(([own, said]) => own === key && said === value),
      ),
  );
}

test("a run's metrics have the form that Prometheus reads, whatever its name is", () => {
  expect(whole).toMatchSnapshot();
  expect(samplesOf(whole, "baleen_run_info", { name: 'a "name"\\ with\nall, that=is hard' })).toHaveLength(1);
});

test("counters are the sums of the seconds, and buckets add up", () => {
  const [committed] = samplesOf(whole, "baleen_transactions_committed_total", { benchmark: "1" });
  expect(committed?.value).toBe(360);
  const buckets = samplesOf(whole, "baleen_transaction_latency_seconds_bucket");
  expect(buckets.map(({ value }) => value)).toEqual([
    ...new Array(7).fill(0),
    ...[320, 320, 320],
    ...new Array(10).fill(360),
  ]);
  expect(samplesOf(whole, "baleen_transaction_latency_seconds_sum")[0]?.value).toBeCloseTo(13.2);
  expect(samplesOf(whole, "baleen_transaction_latency_seconds_count")[0]?.value).toBe(360);
});

test("the ledger's cells are what was scheduled", () => {
  const cells = samplesOf(whole, "baleen_ledger_transactions");
  expect(cells.reduce((sum, { value }) => sum + value, 0)).toBe(100);
});

test("each metric of several sweeps is one family, and a sweep without a run shows nothing", () => {
  const states = ["aaaa", "bbbb"].map((run) => stateOf(eventsOf(wholeRun.slice(0, 8), run)));
  const text = formatExposition([...states.map(runMetrics), runMetrics(newState())]);
  expect(text.match(/^# TYPE baleen_run_info /gm)).toHaveLength(1);
  expect(samplesOf(text, "baleen_run_info").map(({ series }) => series.key.includes('run="aaaa"'))).toEqual([
    true,
    false,
  ]);
  expect(formatExposition([runMetrics(newState())])).toBe("");
});

test("the number of series does not grow with a run's length", () => {
  const seriesOf = (bodies: typeof wholeRun) =>
    formatExposition([runMetrics(stateOf(eventsOf(bodies)))]).split("\n").length;
  const many = Array.from({ length: 500 }, () => wholeRun.slice(6, 14)).flat();
  expect(seriesOf([...wholeRun.slice(0, 6), ...many, ...wholeRun.slice(14)])).toBe(seriesOf(wholeRun));
});

test("of peers with routines the latest step is shown, and nothing that it does not tell", () => {
  const textOf = (upTo: number) =>
    formatExposition([runMetrics(stateOf(eventsOf(routineRun.slice(0, upTo))))]);
  const linesOf = (text: string) =>
    text
      .split("\n")
      .filter((line) => line.startsWith("baleen_routine_"))
      .map((line) => line.replace(/benchmark="1",|,?run="3f9a2c1e"/g, ""));
  expect(linesOf(textOf(6))).toEqual([]);
  expect(linesOf(textOf(7))).toEqual([
    "baleen_routine_peers{} 3",
    "baleen_routine_connections{} 2",
    'baleen_routine_packets_per_second{family="sent"} 66.6',
    'baleen_routine_packets_per_second{family="received"} 67.5',
    'baleen_routine_packets_per_second{family="relayed"} 1',
    "baleen_routine_messages_delivered_per_second{} 66.5",
    "baleen_routine_ticks_per_second{} 59.9",
    "baleen_routine_ticks_per_second_least{} 59.5",
    "baleen_routine_timer_lateness_max_seconds{} 0.0215",
  ]);
  expect(linesOf(textOf(8))).toHaveLength(4);
  expect(samplesOf(whole, "baleen_routine_peers")).toEqual([]);
});
