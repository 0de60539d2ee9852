import type { BaleenEvent, KeptBody } from "../../../src/contracts/events.ts";
import { newState, observeEvent, type SweepState } from "../../../src/server/feed/run-state.ts";
import { sampleLedger } from "../../metrics/stats/sample-ledger.ts";

export const startMs = Date.parse("2026-03-01T12:00:00.000Z");

/** Events of the coordinator, each half a second after the one before. */
export const eventsOf = (bodies: readonly KeptBody[], run = "3f9a2c1e"): BaleenEvent[] =>
  bodies.map((body, seq) => ({
    ...body,
    v: 1,
    run,
    source: "coordinator",
    seq,
    t: new Date(startMs + seq * 500).toISOString(),
  }));

export function stateOf(events: readonly BaleenEvent[]): SweepState {
  const state = newState();
  for (const event of events) observeEvent(state, { event });
  return state;
}

const latencyCounts = (...seen: readonly (readonly [at: number, count: number])[]) => {
  const counts = new Array<number>(20).fill(0);
  for (const [at, count] of seen) counts[at] = count;
  return counts;
};

export const secondOf = (second: number, more: Partial<Extract<KeptBody, { type: "load-second" }>> = {}) =>
  ({
    type: "load-second",
    second,
    due: 100,
    sent: 99,
    acknowledged: 98,
    committed: 90,
    failed: 1,
    p50Ms: 12,
    p99Ms: 230,
    latencyCounts: latencyCounts([7, 80], [10, 10]),
    latencySumMs: 3_300,
    latenessP99Ms: 1.5,
    cpuRatio: 0.2,
    ...more,
  }) as const satisfies KeptBody;

export const stepOf = (second: number, more: Partial<Extract<KeptBody, { type: "routine-step" }>> = {}) =>
  ({
    type: "routine-step",
    second,
    lengthSecs: 2,
    peers: 3,
    sentPerSec: 66.6,
    receivedPerSec: 67.5,
    relayedPerSec: 1,
    deliveredPerSec: 66.5,
    connections: 2,
    tickRateMeanPerSec: 59.9,
    tickRateLeastPerSec: 59.5,
    timerLatenessMaxMs: 21.5,
    ...more,
  }) as const satisfies KeptBody;

/** A run of peers with routines, while it goes on; at its second step only one of them has reported, which tells less. */
export const routineRun: readonly KeptBody[] = [
  {
    type: "sweep-started",
    network: "local",
    runtime: "process",
    loadsTps: [33.3],
    nodes: ["node0", "node1", "node2"],
    load: "routines",
  },
  { type: "run-created", benchmarkNumber: 1, loadTps: 33.3, windowSecs: 20 },
  { type: "run-ready", benchmarkNumber: 1, readyAfterMs: 100 },
  { type: "run-started", benchmarkNumber: 1 },
  { type: "load-phase", phase: "warm-up", windowStartsAtMs: startMs + 2_500 },
  { type: "load-phase", phase: "window", lateMs: 0 },
  stepOf(0),
  {
    type: "routine-step",
    ...{ second: 2, lengthSecs: 2, peers: 1, sentPerSec: 20, receivedPerSec: 10, relayedPerSec: 0 },
  },
];

/** A run with everything that is exported, names from outside included. */
export const wholeRun: readonly KeptBody[] = [
  {
    type: "sweep-started",
    network: "local",
    runtime: "process",
    name: 'a "name"\\ with\nall, that=is hard',
    loadsTps: [100],
    nodes: ["node0", "node1"],
  },
  { type: "run-created", benchmarkNumber: 1, loadTps: 100, windowSecs: 2.5 },
  { type: "run-ready", benchmarkNumber: 1, readyAfterMs: 100 },
  { type: "run-started", benchmarkNumber: 1 },
  { type: "load-phase", phase: "warm-up", windowStartsAtMs: startMs + 3_000 },
  { type: "load-phase", phase: "window", lateMs: 0 },
  secondOf(0),
  {
    type: "machine-second",
    host: "coordinator",
    second: 0,
    busyRatio: 0.5,
    memoryAvailableBytes: 1e9,
    nodes: [{ node: "node0", cpuRatio: 0.25, memoryBytes: 5e7 }, { node: "node1" }],
  },
  { type: "fault", stage: "issued", node: "node1", action: "crash", askedSecs: 1, issuedSecs: 1 },
  { type: "fault", stage: "effective", node: "node1", action: "crash", askedSecs: 1, issuedSecs: 1 },
  {
    ...{ type: "link-change", state: "issued", action: "partition", what: "node0 | node1", stage: "begin" },
    ...{ askedSecs: 1, links: 2 },
  } as KeptBody,
  secondOf(1),
  secondOf(2, { due: 50 }),
  secondOf(2.5, { due: 0 }),
  {
    type: "run-finished",
    benchmarkNumber: 1,
    status: "valid",
    figures: {
      throughputTps: { value: 97.5, atLeast: false },
      p99Ms: { value: 230, atLeast: true },
      ledger: sampleLedger,
    },
  },
  { type: "sweep-finished", finishedRuns: 1, plannedRuns: 1 },
];
