/** The live view: events make a state, a state makes lines of a given width. Pure. */
import type { BaleenEvent, PassingBody } from "../../../contracts/events.ts";
import { listPlannedNodes } from "../../../deploy/nodes/planned.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { planRuns } from "../../../results/analysis/schedule/schedule.ts";
import { formatDuration } from "../../../results/report/text/figures.ts";
import { formatLoadOf } from "../../../results/report/text/load.ts";
import type { PreparedSweep } from "../../../run/prepare/prepare.ts";
import type { Terminal } from "../terminal.ts";
import {
  addStep,
  addTransfer,
  type DeploymentState,
  describeDeployment,
  nothingDeployed,
} from "./deployment.ts";
import { flow, type Line, type Piece } from "./layout.ts";
import {
  addSecond,
  type Completion,
  describeLastSecond,
  describeLoad,
  type LoadState,
  nothingSent,
} from "./load.ts";
import { addHeights, describeNodes, type NodesState, observeNodes, startingNodes } from "./nodes.ts";
import {
  describePhase,
  enterLoadPhase,
  enterPhase,
  overheadMs,
  type RunTime,
  runLeftSecs,
  type SweepTimes,
  sweepLeftSecs,
} from "./run-time.ts";

/** What the view knows of a sweep before it begins. */
export interface LiveSweep extends SweepTimes {
  /** Names of the committee's. */
  readonly nodes: readonly string[];
  readonly completion: Completion;
  /** All runs are made on one network. */
  readonly keepNetwork: boolean;
}

/** What a sweep that is about to begin is, for those who show how it goes. */
export function describeLiveSweep({
  parameters,
  protocol,
  plan,
}: Pick<PreparedSweep, "parameters" | "protocol" | "plan">): LiveSweep {
  const committee = listPlannedNodes(plan).filter(({ group }) => group.isHelper !== true);
  return {
    planned: parameters.search === undefined ? planRuns(parameters) : undefined,
    lengths: (loadTps) => phaseLengths(parameters, loadTps),
    drainSecs: parameters.drainSecs,
    nodes: committee.map(({ name }) => name),
    completion: protocol.observeCommits === undefined ? "acknowledged" : "committed",
    keepNetwork: parameters.keepNetwork,
  };
}

export interface LiveState {
  readonly sweep: LiveSweep;
  /** The latest one; absent before the first, and after the last. */
  readonly run?: RunTime | undefined;
  /** Of the runs that ended: what each took besides warm-up and window. */
  readonly overheadsMs: readonly number[];
  readonly deployment: DeploymentState;
  readonly nodes: NodesState;
  readonly load: LoadState;
}

export function beginLive(sweep: LiveSweep): LiveState {
  const nodes = startingNodes(sweep.nodes);
  return { sweep, overheadsMs: [], deployment: nothingDeployed, nodes, load: nothingSent };
}

/** @param nowMs on the monotonic clock */
export function observeEvent(before: LiveState, event: BaleenEvent, nowMs: number): LiveState {
  const state = { ...before, nodes: observeNodes(before.nodes, event) };
  const { run, sweep } = state;
  switch (event.type) {
    case "run-created":
      return beginRun(state, event, nowMs);
    case "network-step":
      return { ...state, deployment: addStep(state.deployment, event, nowMs) };
    case "run-started":
      return { ...state, run: run && enterPhase(run, "opening", nowMs) };
    case "transactions-made":
      return { ...state, run: run && { ...run, made: event } };
    case "load-phase":
      return { ...state, run: run && enterLoadPhase(run, event, { times: sweep, nowMs }) };
    case "load-second": {
      if (run === undefined) return state;
      const { windowSecs } = sweep.lengths(run.loadTps);
      return { ...state, load: addSecond(state.load, event, { ...sweep, windowSecs }) };
    }
    case "run-finished":
      return endRun(state, nowMs);
    case "sweep-finished":
      return { ...state, run: undefined };
    default:
      return state;
  }
}

export function observePassing(state: LiveState, body: PassingBody, nowMs: number): LiveState {
  switch (body.type) {
    case "image-transfer":
      return { ...state, deployment: addTransfer(state.deployment, body, nowMs) };
    case "node-heights":
      return { ...state, nodes: addHeights(state.nodes, body) };
  }
}

/** Nothing is measured any more, and what was started is removed. */
export function observeInterruption({ run, ...state }: LiveState, nowMs: number): LiveState {
  return { ...state, run: run && enterPhase(run, "ending", nowMs) };
}

function beginRun(
  state: LiveState,
  event: Extract<BaleenEvent, { readonly type: "run-created" }>,
  nowMs: number,
): LiveState {
  const { benchmarkNumber, loadTps, closedLoop } = event;
  const { sweep } = state;
  const kind = closedLoop === true ? "closed-loop" : "open-loop";
  return {
    ...state,
    run: { benchmarkNumber, loadTps, kind, createdMs: nowMs, phase: "deploying", sinceMs: nowMs },
    deployment: nothingDeployed,
    nodes: sweep.keepNetwork ? state.nodes : startingNodes(sweep.nodes),
    load: nothingSent,
  };
}

function endRun(state: LiveState, nowMs: number): LiveState {
  const { run, sweep, overheadsMs } = state;
  if (run === undefined) return state;
  return {
    ...state,
    run: enterPhase(run, "ending", nowMs),
    overheadsMs: [...overheadsMs, overheadMs(run, sweep, nowMs)],
  };
}

/** On fewer rows there is one line. */
const leastRows = 10;

/** No line is wider than the terminal, and the last column stays free. */
export function formatLive(
  state: LiveState,
  { columns, rows }: ReturnType<Terminal["size"]>,
  nowMs: number,
): Line[] {
  const { run, sweep, load } = state;
  if (run === undefined) return [];
  const width = Math.max(1, columns - 1);
  const header = describeRun(run, state, nowMs);
  if (rows < leastRows) {
    const [name, phase, ...left] = header;
    const pieces = [name, phase, ...describeLastSecond(load, sweep.completion), ...left];
    return flow(
      pieces.filter((piece) => piece !== undefined),
      width,
    ).slice(0, 1);
  }
  const flowed = [header, ...describeRows(run, state, nowMs)].flatMap((row) => flow(row, width));
  return flowed.slice(0, rows - 2);
}

function describeRun(run: RunTime, state: LiveState, nowMs: number): Piece[] {
  const { sweep, overheadsMs } = state;
  const { planned } = sweep;
  const of = planned === undefined ? "" : ` of ${planned.length}`;
  const left = runLeftSecs(run, sweep, nowMs);
  const sweepLeft = sweepLeftSecs(run, { times: sweep, overheadsMs }, nowMs);
  return [
    { text: `Run ${run.benchmarkNumber}${of}: ${formatLoadOf(run.loadTps, run.kind)}` },
    { text: describePhase(run, sweep, nowMs) },
    ...(left === undefined ? [] : [{ text: `${formatDuration(left)} left` }]),
    ...(sweepLeft === undefined ? [] : [{ text: `sweep: about ${formatDuration(sweepLeft)} left` }]),
  ];
}

function describeRows(run: RunTime, state: LiveState, nowMs: number): readonly (readonly Piece[])[] {
  const nodes = describeNodes(state.nodes);
  if (run.phase === "deploying") return [...describeDeployment(state.deployment, nowMs), nodes];
  if (run.phase === "ending") return [];
  return [...describeLoad(state.load, state.sweep.completion), nodes];
}
