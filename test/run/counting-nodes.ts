/** Nodes that count transactions, looked at once a second. */
import type { NativeCounters } from "../../src/contracts/load/node-load.ts";
import { parsePrometheus } from "../../src/metrics/nodes/prometheus.ts";
import { MetricsRecord, type RecordedFamily } from "../../src/metrics/nodes/record.ts";

export const counters: NativeCounters = {
  plane: "metrics",
  path: "/metrics",
  submitted: "sent_total",
  committed: { counter: "done_total", of: "node" },
  latency: { histogram: "took_seconds", unitMs: 1000, squares: "took_squares_total" },
};

/** What a node shows at a moment. */
export interface Shown {
  readonly atMs: number;
  readonly sent?: number;
  readonly done: number;
  /** Of all that were committed so far, seconds. */
  readonly took: readonly number[];
}

const edges = [0.1, 0.25, 0.5];

function text({ sent, done, took }: Shown): string {
  const upTo = (edge: number) => took.filter((value) => value <= edge).length;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return [
    ...(sent === undefined ? [] : ["# TYPE sent_total counter", `sent_total ${sent}`]),
    "# TYPE done_total counter",
    `done_total ${done}`,
    "# TYPE took_squares_total counter",
    `took_squares_total ${sum(took.map((value) => value * value))}`,
    "# TYPE took_seconds histogram",
    ...edges.map((edge) => `took_seconds_bucket{le="${edge}"} ${upTo(edge)}`),
    `took_seconds_bucket{le="+Inf"} ${took.length}`,
    `took_seconds_sum ${sum(took)}`,
    `took_seconds_count ${took.length}`,
    "",
  ].join("\n");
}

/** What was read of nodes, by their names. */
export function recorded(nodes: Readonly<Record<string, readonly Shown[]>>): readonly RecordedFamily[] {
  const record = new MetricsRecord(["*"]);
  for (const [name, looks] of Object.entries(nodes)) {
    for (const look of looks) record.add(name, look.atMs, parsePrometheus(text(look)));
  }
  return record.families();
}

/** A node that commits as many a second, all in the same time, after 100 of its warm-up; seconds -1 to 5. */
export function steady(perSec: number, tookSecs: number, changes: Partial<Shown> = {}): Shown[] {
  return [-1, 0, 1, 2, 3, 4, 5].map((second) => {
    const done = 100 + (second + 1) * perSec;
    const took = new Array<number>(done).fill(tookSecs);
    return { atMs: 10_000 + second * 1000, sent: done + 3, done, took, ...changes };
  });
}
