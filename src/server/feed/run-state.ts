/**
 * What a sweep has come to, from its events: the one source of the dashboard, live or replayed, and of exporters. No
 * I/O, no clock, and nothing but JSON: the same events make the same state, in the server and in a browser.
 */
import type { BaleenEvent, LiveRoutineStep, RunFigures, SecondRow } from "../../contracts/events.ts";
import { type NetworkState, observeGround, observeView } from "./ground-state.ts";
import {
  type MachinesState,
  mostKept,
  newNode,
  nodeOf,
  observeMachine,
  push,
  withoutEnvelope,
} from "./machines-state.ts";
import { healthAfter } from "./node-health.ts";
import { newTally, observeTally, type RunTally } from "./run-tally.ts";

type EventOf<Type extends BaleenEvent["type"]> = Extract<BaleenEvent, { readonly type: Type }>;

/** An event as a line for people. */
export interface LogLine {
  /** Wall time, RFC 3339 UTC. */
  readonly t: string;
  readonly level: "debug" | "info" | "notice" | "warning";
  readonly text: string;
}

/** A run, in a line. */
export interface RunDigest
  extends Pick<
    EventOf<"run-created">,
    "benchmarkNumber" | "loadTps" | "closedLoop" | "repetition" | "repetitions"
  > {
  readonly createdAt: string;
  endedAt?: string;
  /** The verdict; absent while it goes on. */
  status?: string;
  figures?: RunFigures;
}

/** Transactions since the warm-up began. */
export type Totals = Record<"due" | "sent" | "acknowledged" | "committed" | "failed", number>;

/** A run in full. */
export interface RunState
  extends RunDigest,
    MachinesState,
    NetworkState,
    Pick<EventOf<"run-created">, "warmUpSecs" | "windowSecs" | "drainSecs"> {
  phase: "deploying" | "opening" | EventOf<"load-phase">["phase"] | "ended";
  phaseSince: string;
  /** Milliseconds since 1970 UTC; known from the warm-up on. */
  windowStartsAtMs?: number;
  readonly totals: Totals;
  readonly tally: RunTally;
  /** As in timeseries.csv, the latest last. */
  readonly seconds: SecondRow[];
  /** Of peers that run routines, the latest last. */
  readonly routineSteps: LiveRoutineStep[];
  readonly faults: EventOf<"fault">[];
  readonly linkChanges: EventOf<"link-change">[];
}

/** A sweep; `sweep` is absent before its first event. */
export interface SweepState {
  sweep?: Omit<EventOf<"sweep-started">, "v" | "source" | "seq" | "type">;
  /** Its end, however early. */
  ended?: Pick<EventOf<"sweep-finished">, "t" | "finishedRuns" | "plannedRuns">;
  readonly runs: RunDigest[];
  /** The one that is followed: the latest, unless another was asked for. */
  run?: RunState;
  /** For people, the latest last. */
  readonly log: LogLine[];
  events: number;
  /** Lines that are no events. */
  malformed: number;
}

export const newState = (): SweepState => ({ runs: [], log: [], events: 0, malformed: 0 });

/** A line of events.ndjson. */
export type ObservedEvent =
  | {
      readonly event: BaleenEvent;
      /** For people, where it is worth a line. */
      readonly line?: Pick<LogLine, "level" | "text"> | undefined;
    }
  | { readonly malformed: true };

/** Takes the next line of a sweep into its state. @param only the run to follow, instead of the latest */
export function observeEvent(state: SweepState, observed: ObservedEvent, only?: number): void {
  if ("malformed" in observed) {
    state.malformed++;
    return;
  }
  const { event, line } = observed;
  state.events++;
  if (line !== undefined) push(state.log, { t: event.t, ...line }, mostKept.logLines);
  switch (event.type) {
    case "sweep-started": {
      const { v: _v, source: _source, seq: _seq, type: _type, ...sweep } = event;
      state.sweep = sweep;
      // One that goes on has not ended.
      delete state.ended;
      return;
    }
    case "sweep-finished": {
      const { t, finishedRuns, plannedRuns } = event;
      state.ended = { t, finishedRuns, ...(plannedRuns === undefined ? {} : { plannedRuns }) };
      return;
    }
    case "run-created":
      createRun(state, event, only);
      return;
    case "run-finished":
      finishRun(state, event);
      return;
    default: {
      const { run } = state;
      // What comes between two runs is about neither; the latest is the one that goes on.
      if (run === undefined || state.runs.at(-1)?.benchmarkNumber !== run.benchmarkNumber) return;
      observeRun(run, event);
    }
  }
}

function createRun(state: SweepState, event: EventOf<"run-created">, only: number | undefined): void {
  const { benchmarkNumber, loadTps, closedLoop, repetition, repetitions, t } = event;
  const { warmUpSecs, windowSecs, drainSecs } = event;
  const ofMany = { ...(repetition && { repetition }), ...(repetitions && { repetitions }) };
  const digest: RunDigest = {
    benchmarkNumber,
    loadTps,
    ...(closedLoop && { closedLoop }),
    ...ofMany,
    createdAt: t,
  };
  // One that was begun again after a kill takes the place of what it was.
  const before = state.runs.findIndex((run) => run.benchmarkNumber === benchmarkNumber);
  if (before >= 0) state.runs.splice(before, 1);
  push(state.runs, digest, mostKept.runs);
  if (only !== undefined && only !== benchmarkNumber) return;
  state.run = {
    ...digest,
    ...(warmUpSecs !== undefined && { warmUpSecs }),
    ...(windowSecs !== undefined && { windowSecs }),
    ...(drainSecs !== undefined && { drainSecs }),
    phase: "deploying",
    phaseSince: t,
    totals: { due: 0, sent: 0, acknowledged: 0, committed: 0, failed: 0 },
    tally: newTally(),
    seconds: [],
    routineSteps: [],
    machines: [],
    nodes: (state.sweep?.nodes ?? []).slice(0, mostKept.nodes).map(newNode),
    nodeSeconds: [],
    faults: [],
    linkChanges: [],
    views: [],
  };
}

function finishRun(
  state: SweepState,
  { benchmarkNumber, status, figures, t }: EventOf<"run-finished">,
): void {
  const end = { endedAt: t, status, ...(figures && { figures }) };
  const digest = state.runs.find((run) => run.benchmarkNumber === benchmarkNumber);
  if (digest !== undefined) Object.assign(digest, end);
  if (state.run?.benchmarkNumber !== benchmarkNumber) return;
  Object.assign(state.run, end);
  enter(state.run, "ended", t);
}

function enter(run: RunState, phase: RunState["phase"], t: string): void {
  if (run.phase === phase) return;
  run.phase = phase;
  run.phaseSince = t;
}

/** Events that may change how a node is. */
const aboutHealth: ReadonlySet<string> = new Set<BaleenEvent["type"]>([
  "run-ready",
  "network-step",
  "node-exited",
  "fault",
  "observer-lost",
  "observer-restored",
]);

function observeRun(run: RunState, event: BaleenEvent): void {
  observeTally(run.tally, event);
  if (aboutHealth.has(event.type)) observeHealth(run, event);
  switch (event.type) {
    case "run-started":
      enter(run, "opening", event.t);
      break;
    case "load-phase":
      enter(run, event.phase, event.t);
      if (event.windowStartsAtMs !== undefined) run.windowStartsAtMs = event.windowStartsAtMs;
      break;
    case "load-second":
      observeSecond(run, event);
      break;
    case "routine-step":
      push(run.routineSteps, withoutEnvelope(event), mostKept.seconds);
      break;
    case "machine-second":
      observeMachine(run, event);
      break;
    case "fault":
      push(run.faults, event, mostKept.changes);
      break;
    case "link-change":
      push(run.linkChanges, event, mostKept.changes);
      break;
    case "ground":
      observeGround(run, withoutEnvelope(event));
      break;
    case "network-view":
      observeView(run, withoutEnvelope(event));
      break;
  }
}

function observeHealth(run: RunState, event: BaleenEvent): void {
  const named = "node" in event ? event.node : event.type === "network-step" ? event.readyNode : undefined;
  const about = named === undefined ? undefined : nodeOf(run, named);
  for (const node of about === undefined ? run.nodes : [about]) {
    node.health = healthAfter(event, node.node, node.health);
  }
  const isRestart = event.type === "fault" && event.action === "recover" && event.stage === "issued";
  if (isRestart && about !== undefined) about.restarts++;
}

function observeSecond(run: RunState, event: EventOf<"load-second">): void {
  const { latencyCounts: _counts, latencySumMs: _sumMs, ...row } = withoutEnvelope(event);
  push(run.seconds, row, mostKept.seconds);
  for (const key of Object.keys(run.totals) as (keyof Totals)[]) run.totals[key] += event[key] ?? 0;
}
