import { describe, expect, test } from "vitest";
import type { BaleenEvent, KeptBody } from "../../../src/contracts/events.ts";
import { mostKept } from "../../../src/server/feed/machines-state.ts";
import { newState, observeEvent, type SweepState } from "../../../src/server/feed/run-state.ts";

/** At one second each. */
const envelope = (body: KeptBody, seq: number): BaleenEvent => ({
  ...body,
  v: 1,
  run: "3f9a2c1e",
  source: "coordinator",
  seq,
  t: new Date(seq * 1000).toISOString(),
});

function stateOf(bodies: readonly KeptBody[], only?: number): SweepState {
  const state = newState();
  for (const [seq, body] of bodies.entries()) observeEvent(state, { event: envelope(body, seq) }, only);
  return state;
}

const started: KeptBody = {
  type: "sweep-started",
  network: "local",
  runtime: "process",
  loadsTps: [100, 200],
  nodes: ["node0", "node1"],
};
const created: KeptBody = { type: "run-created", benchmarkNumber: 1, loadTps: 100, windowSecs: 10 };
const second = (at: number, more = {}): KeptBody => ({
  type: "load-second",
  second: at,
  due: 100,
  sent: 99,
  acknowledged: 98,
  committed: 90,
  ...more,
});
const finished: KeptBody = {
  type: "run-finished",
  benchmarkNumber: 1,
  status: "valid",
  figures: { throughputTps: { value: 95, atLeast: false } },
};
const fault = (action: "crash" | "recover", stage: "issued" | "effective" | "failed"): KeptBody => ({
  type: "fault",
  node: "node1",
  action,
  stage,
  askedSecs: 1,
});

test("a run goes through its phases to a verdict, and its seconds add up", () => {
  const course: KeptBody[] = [
    started,
    created,
    { type: "run-ready", benchmarkNumber: 1, readyAfterMs: 1 },
    { type: "run-started", benchmarkNumber: 1 },
    { type: "load-phase", phase: "warm-up", windowStartsAtMs: 5000 },
    second(-1),
    { type: "load-phase", phase: "window" },
    second(0, { failed: 2, p50Ms: 50 }),
  ];
  const { run } = stateOf(course);
  expect(run).toMatchObject({
    phase: "window",
    phaseSince: "1970-01-01T00:00:06.000Z",
    windowStartsAtMs: 5000,
  });
  expect(run?.totals).toEqual({ due: 200, sent: 198, acknowledged: 196, committed: 180, failed: 2 });
  expect(run?.seconds).toEqual([
    { second: -1, due: 100, sent: 99, acknowledged: 98, committed: 90 },
    { second: 0, due: 100, sent: 99, acknowledged: 98, committed: 90, failed: 2, p50Ms: 50 },
  ]);
  expect(run?.nodes.map(({ health }) => health)).toEqual(["up", "up"]);
  const ended = stateOf([...course, finished, { type: "sweep-finished", finishedRuns: 1 }]);
  expect(ended.run).toMatchObject({ phase: "ended", status: "valid" });
  expect(ended.runs).toMatchObject([
    { benchmarkNumber: 1, status: "valid", figures: { throughputTps: { value: 95 } } },
  ]);
  expect(ended.ended).toMatchObject({ finishedRuns: 1 });
});

test("steps of routines are kept as they were told, and are no seconds of transactions", () => {
  const step = { second: 0, lengthSecs: 2, peers: 2, sentPerSec: 4, receivedPerSec: 3, relayedPerSec: 1 };
  const { run, sweep } = stateOf([
    { ...started, load: "routines" } as KeptBody,
    created,
    { type: "routine-step", ...step },
    { type: "routine-step", ...step, second: 2, connections: 1 },
  ]);
  expect(sweep?.load).toBe("routines");
  expect(run?.routineSteps).toEqual([step, { ...step, second: 2, connections: 1 }]);
  expect(run?.seconds).toEqual([]);
});

test("the latest run is followed, or the one that was asked for", () => {
  const course: KeptBody[] = [
    started,
    created,
    second(0),
    finished,
    { type: "run-created", benchmarkNumber: 2, loadTps: 200 },
    second(0),
    second(1),
  ];
  expect(stateOf(course).run).toMatchObject({ benchmarkNumber: 2, totals: { due: 200 } });
  const first = stateOf(course, 1);
  expect(first.run).toMatchObject({ benchmarkNumber: 1, status: "valid", totals: { due: 100 } });
  expect(first.runs.map(({ benchmarkNumber }) => benchmarkNumber)).toEqual([1, 2]);
});

test("a sweep that is resumed after a kill has not ended, and its run is begun again", () => {
  const { ended, runs, run } = stateOf([
    started,
    created,
    second(0),
    { type: "sweep-finished", finishedRuns: 0 },
    { ...started, firstRun: 1 },
    created,
  ]);
  expect(ended).toBeUndefined();
  expect(runs).toHaveLength(1);
  expect(run?.seconds).toEqual([]);
});

describe("nodes", () => {
  const health = (...bodies: KeptBody[]) =>
    stateOf([started, created, { type: "run-ready", benchmarkNumber: 1, readyAfterMs: 1 }, ...bodies]).run
      ?.nodes[1];

  test("are as what was done to them says, and restarts are counted", () => {
    expect(health(fault("crash", "issued"))).toMatchObject({ health: "crashed", restarts: 0 });
    expect(health(fault("crash", "failed"))).toMatchObject({ health: "up" });
    const back = [fault("crash", "effective"), fault("recover", "issued")];
    expect(health(...back)).toMatchObject({ health: "coming back", restarts: 1 });
    expect(health(...back, fault("recover", "effective"))).toMatchObject({ health: "up", restarts: 1 });
    expect(health({ type: "node-exited", node: "node1", exitCode: 1, signal: null })?.health).toBe("ended");
  });

  test("have their CPU and memory in rows of one second, whichever machine tells first", () => {
    const machine = (host: string, at: number, node: string, cpuRatio?: number): KeptBody => ({
      type: "machine-second",
      host,
      second: at,
      busyRatio: 0.5,
      nodes: [{ node, cpuRatio, memoryBytes: 1e6 }],
    });
    const { run } = stateOf([
      started,
      created,
      machine("host0", 0, "node0", 0.1),
      machine("host0", 1, "node0", 0.2),
      machine("host1", 0, "node1", 0.3),
      machine("host1", 1, "relay0"),
    ]);
    expect(run?.nodeSeconds).toEqual([
      { second: 0, cpuRatios: [0.1, 0.3], memoryBytes: [1e6, 1e6] },
      { second: 1, cpuRatios: [0.2, null, null], memoryBytes: [1e6, null, 1e6] },
    ]);
    // Of a helper no event says that it is ready.
    const relay = { node: "relay0", health: "up" };
    expect(run?.nodes).toMatchObject([{ cpuRatio: 0.2 }, { cpuRatio: 0.3 }, relay]);
    expect(run?.machines).toEqual([
      { name: "host0", seconds: [0, 1].map((at) => ({ host: "host0", second: at, busyRatio: 0.5 })) },
      { name: "host1", seconds: [0, 1].map((at) => ({ host: "host1", second: at, busyRatio: 0.5 })) },
    ]);
  });
});

test("what grows without end is kept up to a bound, the latest of it", () => {
  const state = newState();
  for (const [seq, body] of [started, created].entries()) observeEvent(state, { event: envelope(body, seq) });
  for (let at = 0; at < mostKept.seconds + 5; at++) {
    const line = { level: "info", text: `${at}` } as const;
    observeEvent(state, { event: envelope(second(at), at), line });
    observeEvent(state, { event: envelope(fault("crash", "issued"), at) });
    const nodes = [{ node: `node${at}`, cpuRatio: 0 }];
    observeEvent(state, {
      event: envelope({ type: "machine-second", host: `host${at}`, second: at, nodes }, at),
    });
  }
  const { run, log } = state;
  expect(run?.seconds).toHaveLength(mostKept.seconds);
  expect(run?.seconds.at(-1)?.second).toBe(mostKept.seconds + 4);
  expect(run?.totals.due).toBe((mostKept.seconds + 5) * 100);
  expect(run?.faults).toHaveLength(mostKept.changes);
  expect(run?.nodes).toHaveLength(mostKept.nodes);
  expect(run?.machines).toHaveLength(mostKept.machines);
  expect(run?.nodeSeconds).toHaveLength(mostKept.nodeValues / mostKept.nodes);
  expect(log).toHaveLength(mostKept.logLines);
  expect(log.at(-1)?.text).toBe(`${mostKept.seconds + 4}`);
});
