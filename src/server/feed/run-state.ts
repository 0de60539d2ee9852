/**
 * What a sweep has come to, from its events: the one source of the dashboard, live or replayed, and of exporters. No
 * I/O, no clock, and nothing but JSON: the same events make the same state, in the server and in a browser.
 */
import type { BaleenEvent, RunFigures, SecondRow } from "../../contracts/events.ts";
import type { HostSecond, NodeSecond } from "../../contracts/hosts/host-load.ts";
import { healthAfter, type NodeHealth } from "./node-health.ts";

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

export interface NodeState extends NodeSecond {
  health: NodeHealth;
  /** How often it was started again. */
  restarts: number;
  cpuRatio?: number | undefined;
  memoryBytes?: number | undefined;
}

/** One second of the nodes, each list in the order of `RunState.nodes`; null where nothing is known. */
export interface NodesSecond {
  readonly second: number;
  readonly cpuRatios: (number | null)[];
  readonly memoryBytes: (number | null)[];
}

export interface MachineState {
  readonly name: string;
  /** The latest last. */
  readonly seconds: HostSecond[];
}

/** A run in full. */
export interface RunState
  extends RunDigest,
    Pick<EventOf<"run-created">, "warmUpSecs" | "windowSecs" | "drainSecs"> {
  phase: "deploying" | "opening" | EventOf<"load-phase">["phase"] | "ended";
  phaseSince: string;
  /** Milliseconds since 1970 UTC; known from the warm-up on. */
  windowStartsAtMs?: number;
  readonly totals: Totals;
  /** As in timeseries.csv, the latest last. */
  readonly seconds: SecondRow[];
  readonly machines: MachineState[];
  readonly nodes: NodeState[];
  readonly nodeSeconds: NodesSecond[];
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
}

/** The most that is kept; of what grows, the latest. */
export const mostKept = {
  seconds: 10_000,
  /** Values of nodes in `nodeSeconds`: with 100 nodes, 1,000 seconds. */
  nodeValues: 100_000,
  nodes: 1_000,
  machines: 200,
  changes: 1_000,
  runs: 2_000,
  logLines: 500,
} as const;

export const newState = (): SweepState => ({ runs: [], log: [], events: 0 });

/** Keeps the latest `most`. */
function push<Item>(list: Item[], item: Item, most: number): void {
  list.push(item);
  if (list.length > most) list.splice(0, list.length - most);
}

export interface ObserveOptions {
  /** The event for people, where it is worth a line. */
  readonly line?: Pick<LogLine, "level" | "text"> | undefined;
  /** The run to follow, instead of the latest. */
  readonly only?: number | undefined;
}

/** Takes the next event of a sweep into its state. */
export function observeEvent(state: SweepState, event: BaleenEvent, options: ObserveOptions = {}): void {
  const { line, only } = options;
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
    seconds: [],
    machines: [],
    nodes: (state.sweep?.nodes ?? []).slice(0, mostKept.nodes).map(newNode),
    nodeSeconds: [],
    faults: [],
    linkChanges: [],
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

const newNode = (node: string): NodeState => ({ node, health: "starting", restarts: 0 });

function nodeOf(run: RunState, name: string): NodeState | undefined {
  const known = run.nodes.find(({ node }) => node === name);
  if (known !== undefined || run.nodes.length >= mostKept.nodes) return known;
  const node = newNode(name);
  run.nodes.push(node);
  return node;
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
    case "machine-second":
      observeMachine(run, event);
      break;
    case "fault":
      push(run.faults, event, mostKept.changes);
      break;
    case "link-change":
      push(run.linkChanges, event, mostKept.changes);
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

const withoutEnvelope = <Event extends BaleenEvent>({
  v: _v,
  run: _run,
  source: _source,
  seq: _seq,
  t: _t,
  type: _type,
  ...body
}: Event) => body;

function observeSecond(run: RunState, event: EventOf<"load-second">): void {
  push(run.seconds, withoutEnvelope(event), mostKept.seconds);
  for (const key of Object.keys(run.totals) as (keyof Totals)[]) run.totals[key] += event[key] ?? 0;
}

function observeMachine(run: RunState, event: EventOf<"machine-second">): void {
  const { nodes = [], ...second } = withoutEnvelope(event);
  let machine = run.machines.find(({ name }) => name === second.host);
  if (machine === undefined && run.machines.length < mostKept.machines) {
    machine = { name: second.host, seconds: [] };
    run.machines.push(machine);
  }
  if (machine !== undefined) push(machine.seconds, second, Math.ceil(mostKept.seconds / run.machines.length));
  if (nodes.length === 0) return;
  const places = new Map(run.nodes.map(({ node }, place) => [node, place]));
  const row = rowOf(run, second.second);
  for (const { node: name, cpuRatio, memoryBytes } of nodes) {
    const node = nodeOf(run, name);
    if (node === undefined) continue;
    Object.assign(node, { cpuRatio, memoryBytes });
    const place = places.get(name) ?? run.nodes.indexOf(node);
    put(row.cpuRatios, place, cpuRatio);
    put(row.memoryBytes, place, memoryBytes);
  }
}

function put(list: (number | null)[], place: number, value: number | undefined): void {
  while (list.length < place) list.push(null);
  list[place] = value ?? null;
}

/** Machines tell of one second after each other, and a slow one of an earlier second. */
function rowOf(run: RunState, second: number): NodesSecond {
  const found = run.nodeSeconds.findLast((row) => row.second <= second);
  if (found?.second === second) return found;
  const row: NodesSecond = { second, cpuRatios: [], memoryBytes: [] };
  run.nodeSeconds.splice(found === undefined ? 0 : run.nodeSeconds.indexOf(found) + 1, 0, row);
  const most = Math.max(1, Math.floor(mostKept.nodeValues / Math.max(1, run.nodes.length)));
  if (run.nodeSeconds.length > most) run.nodeSeconds.splice(0, run.nodeSeconds.length - most);
  return row;
}
