/** The live view: events go in, lines of a given width come out. Times are those of the monotonic clock. */

import type { EventBody } from "../../../contracts/events.ts";
import type { Piece } from "../../../core/text/foreign-text.ts";
import { committeeNames } from "../../../deploy/nodes/planned.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { planRuns } from "../../../results/analysis/schedule/schedule.ts";
import { formatDuration } from "../../../results/report/text/figures.ts";
import { formatLoadOf } from "../../../results/report/text/load.ts";
import type { PreparedSweep } from "../../../run/prepare/prepare.ts";
import type { Terminal } from "../terminal.ts";
import { flow } from "./layout.ts";
import { DeploymentView, NodesView } from "./network.ts";
import { RoutinesView } from "./routines.ts";
import { type LiveSweep, LoadView, RunTime } from "./run.ts";

/** What a sweep that is about to begin is, for those who show how it goes. */
export function describeLiveSweep({
  parameters,
  protocol,
  plan,
}: Pick<PreparedSweep, "parameters" | "protocol" | "plan">): LiveSweep {
  return {
    planned: parameters.search === undefined ? planRuns(parameters) : undefined,
    lengths: (loadTps) => phaseLengths(parameters, loadTps),
    drainSecs: parameters.drainSecs,
    nodes: committeeNames(plan),
    completion: protocol.observeCommits === undefined ? "acknowledged" : "committed",
    keepNetwork: parameters.keepNetwork,
  };
}

/** On fewer rows there is one line. */
const leastRows = 10;

export class LiveView {
  readonly #sweep: LiveSweep;
  /** The latest one; absent before the first, and after the last. */
  #run: RunTime | undefined;
  /** Of the runs that ended: what each took besides warm-up and window. */
  readonly #overheadsMs: number[] = [];
  #deployment = new DeploymentView();
  #nodes: NodesView;
  #load: LoadView;
  #routines: RoutinesView;

  constructor(sweep: LiveSweep) {
    this.#sweep = sweep;
    this.#nodes = new NodesView(sweep.nodes);
    this.#load = new LoadView(sweep.completion);
    this.#routines = new RoutinesView(sweep.nodes.length);
  }

  observe(event: EventBody, nowMs: number): void {
    if (event.type === "run-created") this.#begin(event, nowMs);
    this.#nodes.observe(event);
    this.#deployment.observe(event, nowMs);
    this.#run?.observe(event, nowMs);
    if (event.type === "load-second" && this.#run !== undefined) this.#load.add(event, this.#run.windowSecs);
    if (event.type === "routine-step") this.#routines.add(event);
    if (event.type === "run-finished" && this.#run !== undefined) {
      this.#run.enter("ending", nowMs);
      this.#overheadsMs.push(this.#run.overheadMs(nowMs));
    }
    if (event.type === "sweep-finished") this.#run = undefined;
  }

  #begin(created: Extract<EventBody, { readonly type: "run-created" }>, nowMs: number): void {
    const { nodes, completion, keepNetwork } = this.#sweep;
    this.#run = new RunTime(created, this.#sweep, nowMs);
    this.#deployment = new DeploymentView();
    if (!keepNetwork) this.#nodes = new NodesView(nodes);
    this.#load = new LoadView(completion);
    this.#routines = new RoutinesView(nodes.length);
  }

  /** Nothing is measured any more, and what was started is removed. */
  interrupt(nowMs: number): void {
    this.#run?.enter("ending", nowMs);
  }

  /** No line is wider than the terminal, and the last column stays free. */
  lines({ columns, rows }: ReturnType<Terminal["size"]>, nowMs: number): Piece[][] {
    const run = this.#run;
    if (run === undefined) return [];
    const width = Math.max(1, columns - 1);
    const [name, phase, ...left] = this.#header(run, nowMs);
    if (rows < leastRows) {
      const latest = [...this.#load.lastSecond(), ...this.#routines.lastStep()];
      return flow([name, phase, ...latest, ...left], width).slice(0, 1);
    }
    const flowed = [[name, phase, ...left], ...this.#rows(run, nowMs)].flatMap((row) => flow(row, width));
    return flowed.slice(0, rows - 2);
  }

  #header(run: RunTime, nowMs: number): readonly [name: Piece, phase: Piece, ...left: Piece[]] {
    const { planned } = this.#sweep;
    const { benchmarkNumber, loadTps, closedLoop } = run.created;
    const of = planned === undefined ? "" : ` of ${planned.length}`;
    const load = formatLoadOf(loadTps, closedLoop === true ? "closed-loop" : "open-loop");
    const left = run.leftSecs(nowMs);
    const sweepLeft = run.sweepLeftSecs(this.#overheadsMs, nowMs);
    return [
      { text: `Run ${benchmarkNumber}${of}: ${load}` },
      { text: run.describe(nowMs) },
      ...(left === undefined ? [] : [{ text: `${formatDuration(left)} left` }]),
      ...(sweepLeft === undefined ? [] : [{ text: `sweep: about ${formatDuration(sweepLeft)} left` }]),
    ];
  }

  #rows({ phase }: RunTime, nowMs: number): readonly (readonly Piece[])[] {
    if (phase === "ending") return [];
    if (phase === "deploying") return [...this.#deployment.rows(nowMs), this.#nodes.pieces()];
    return [...this.#load.rows(), ...this.#routines.rows(), this.#nodes.pieces()];
  }
}
