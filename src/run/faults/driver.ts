import type { NetworkNode } from "../../contracts/deployment.ts";
import type { MoveRecord } from "../../contracts/links/ground.ts";
import type { LinkStep, NodeStep } from "../../contracts/links/timeline.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { FaultRecord } from "../../contracts/results/faults.ts";
import type { LinkChangeRecord } from "../../contracts/results/links/link-changes.ts";
import { delay, withinMs } from "../../core/async.ts";
import { describeError } from "../../core/errors.ts";
import type { Steps } from "../../load/timeline/steps.ts";
import type { LinkControl } from "../links/control.ts";
import type { GroundEvents } from "../links/ground-events.ts";
import type { RunRequest } from "../watch/run-request.ts";
import type { EffectView } from "./effects.ts";
import { LinkChanger } from "./link-changer.ts";
import { closed, type ManualAnswer, type ManualEntries } from "./manual-links.ts";
import { NodeActor } from "./node-actor.ts";
import { StepQueue } from "./step-queue.ts";

export interface TimelineDriverOptions extends EffectView, Pick<RunRequest, "clock" | "emit"> {
  readonly steps: Steps;
  /** Length of the window, at whose end links are set back and paused nodes go on. */
  readonly windowMs: number;
  /** A started node that has not caught up after this long did not come back. */
  readonly recoveryTimeoutMs: number;
  /** Absent where steps change no links. */
  readonly links?: LinkControl | undefined;
  /** Is told of all changes of links. */
  readonly ground?: GroundEvents | undefined;
  /** Takes what a person changes by hand; absent: nobody can. */
  readonly manual?: ManualEntries | undefined;
}

export interface TimelineOutcome {
  readonly faults: readonly FaultRecord[];
  readonly linkChanges: readonly LinkChangeRecord[];
  readonly moves: readonly MoveRecord[];
  /** Steps of links that were due, in order. */
  readonly linkSteps: readonly LinkStep[];
}

/** Longest wait for a node to be started, or for links to be set back, when all is put back. */
const restoreTimeoutMs = 20_000;

/**
 * Follows a run's timeline: does to nodes and links what is due, and records when each step was asked for, issued, and
 * had its effect. Steps come at their times, one node's one after the other; crashes of `--faults` also wait until
 * those before them are back. The window ends with all links as they were asked for, and no node paused.
 */
export class TimelineDriver implements AsyncDisposable {
  readonly #options: TimelineDriverOptions;
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #nodes: NodeActor;
  readonly #links: LinkChanger;
  readonly #queue: StepQueue;
  readonly #linkSteps: LinkStep[] = [];
  #running: Promise<unknown> = Promise.resolve();
  #windowStartMs = 0;
  #hasBegun = false;
  /** Aborts when what comes next is another step than before. */
  #replaced = new AbortController();
  #lastManualMs = -1;

  constructor(options: TimelineDriverOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#end.signal]);
    const { emit, clock } = options;
    const nowSecs = () => inSecs(clock.monotonicMs() - this.#windowStartMs);
    this.#nodes = new NodeActor({ ...options, signal: this.#signal, nowSecs });
    const atSecs = (ms: number) => inSecs(ms - this.#windowStartMs);
    const { links, ground } = options;
    this.#links = new LinkChanger({ emit, links, ground, signal: this.#signal, nowSecs, atSecs });
    this.#queue = new StepQueue(options.steps.filter((step) => step.kind === "links" || step.waits !== true));
  }

  /** Begins. The timeline counts from `windowStartMs` on the monotonic clock. */
  begin(windowStartMs: number): void {
    this.#windowStartMs = windowStartMs;
    this.#hasBegun = true;
    const { steps } = this.#options;
    this.#running = Promise.all([
      this.#followTurns(
        steps.filter((step): step is NodeStep => step.kind === "nodes" && step.waits === true),
      ),
      this.#followTimes(),
    ]);
    // finish() reports the failure; an abort needs no report.
    this.#running.catch(() => {});
  }

  /** Changes links by hand, now. @param entry of a timeline, without its time */
  change(entry: unknown): ManualAnswer {
    const { manual, clock, windowMs } = this.#options;
    const nowMs = clock.monotonicMs() - this.#windowStartMs;
    // Steps that are under way were due before it.
    const atMs = Math.max(Math.floor(nowMs), this.#lastManualMs) + 1;
    if (manual === undefined || !this.#hasBegun || this.#signal.aborted || atMs < 1 || atMs >= windowMs)
      return { refusal: closed };
    const added = manual.add(entry, atMs);
    if ("refusal" in added) return added;
    this.#lastManualMs = atMs;
    this.#queue.replaceLinks(atMs, added.steps);
    this.#replaced.abort();
    return { atSecs: atMs / 1000 };
  }

  /** Nodes that are down on purpose: ordered to crash or to pause, and not back. */
  down(): ReadonlySet<NodeName> {
    return this.#nodes.down();
  }

  /** Of these, the ones that have not been started again: nothing reaches them. */
  crashed(): ReadonlySet<NodeName> {
    return this.#nodes.crashed();
  }

  /** @returns what was done, in order, once all has had its effect or failed @throws the signal's reason on abort */
  async finish(): Promise<TimelineOutcome> {
    await this.#running;
    const { records: linkChanges, moves } = this.#links;
    return { faults: this.#nodes.records, linkChanges, moves, linkSteps: this.#linkSteps };
  }

  /** Starts every node again that crashed on purpose; a node that does not start is a warning. */
  async restore(): Promise<void> {
    const paused = new Set(this.#nodes.paused());
    const stopped = [...this.#nodes.down()].filter((name) => !paused.has(name));
    await Promise.all(
      stopped.map((name) => this.#putBack(name, (node) => node.start(), "restarted", "had crashed")),
    );
  }

  /** Ends what is under way. Links are set back and paused nodes go on; nodes that crashed stay down. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await Promise.allSettled([this.#running]);
    await this.#nodes.settled();
    await Promise.all([
      ...this.#nodes
        .paused()
        .map((name) => this.#putBack(name, (node) => node.resume(), "resumed", "was paused")),
      this.#setLinksBack(),
    ]);
  }

  /** Crashes of `--faults`: each waits until those before it are back. */
  async #followTurns(steps: readonly NodeStep[]): Promise<void> {
    let recovering: Promise<void>[] = [];
    for (const [index, step] of steps.entries()) {
      await this.#waitFor(step.atMs);
      if (step.action === "crash") {
        await Promise.all(recovering);
        recovering = [];
        // Also on abort every kill is waited for: one that came later would undo what is put back.
        await allEnded(this.#nodes.act(step, this.#obstacleTo(steps.slice(index))));
      } else recovering.push(...this.#nodes.act(step));
    }
    await Promise.all(recovering);
  }

  #obstacleTo(rest: readonly NodeStep[]): string | undefined {
    const down = this.#nodes.inTurn();
    if (down.length > 0) return `${down.join(", ")} had not come back`;
    const recovery = rest.find(({ action }) => action === "restart");
    const sinceMs = this.#options.clock.monotonicMs() - this.#windowStartMs;
    if (recovery === undefined || sinceMs < recovery.atMs) return undefined;
    return "earlier crashes took so long to recover that its own recovery was due";
  }

  /** Steps that come at their times, whatever became of those before. */
  async #followTimes(): Promise<void> {
    const { windowMs, steps, manual } = this.#options;
    const underWay: Promise<void>[] = [];
    for (let step = this.#queue.next; step !== undefined || manual !== undefined; step = this.#queue.next) {
      if (!(await this.#waitAsNext(Math.min(step?.atMs ?? windowMs, windowMs)))) continue;
      if (step === undefined || step.atMs >= windowMs) break;
      if (step.kind === "links") this.#linkSteps.push(step);
      const begun = step.kind === "nodes" ? this.#nodes.act(step) : [this.#links.change(step)];
      for (const one of begun) one.catch(() => {});
      underWay.push(...begun);
      this.#queue.take();
    }
    const leavesTraces =
      manual !== undefined || steps.some((step) => step.kind === "links" || step.action === "pause");
    if (leavesTraces) {
      await this.#waitFor(windowMs);
      underWay.push(...this.#nodes.resumeAll(windowMs), this.#links.heal(windowMs));
    }
    await allEnded(underWay);
  }

  async #waitFor(atMs: number, signal = this.#signal): Promise<void> {
    this.#signal.throwIfAborted();
    for (;;) {
      // A timer may fire a moment early.
      const waitMs = this.#windowStartMs + atMs - this.#options.clock.monotonicMs();
      if (waitMs <= 0) return;
      await delay(waitMs, signal);
    }
  }

  /** @returns false: meanwhile a person has changed what comes next */
  async #waitAsNext(atMs: number): Promise<boolean> {
    if (this.#options.manual === undefined) return await this.#waitFor(atMs).then(() => true);
    this.#replaced = new AbortController();
    const { signal } = this.#replaced;
    try {
      await this.#waitFor(atMs, AbortSignal.any([this.#signal, signal]));
    } catch (error) {
      if (this.#signal.aborted || !signal.aborted) throw error;
    }
    return !signal.aborted;
  }

  async #putBack(
    name: NodeName,
    act: (node: NetworkNode) => Promise<void>,
    done: string,
    what: string,
  ): Promise<void> {
    const { emit, network } = this.#options;
    const node = network.nodes.find((one) => one.name === name);
    if (node === undefined) return;
    const failure = await withinMs(
      restoreTimeoutMs,
      act(node).then(() => "", describeError),
    );
    if (failure === "") {
      this.#nodes.isBack(name);
      emit({ type: "network-step", step: `${done} ${name}, which ${what}` });
    } else {
      const why = failure ?? `no answer within ${restoreTimeoutMs / 1000} s`;
      emit({ type: "warning", message: `${name}, which ${what}, could not be ${done} and is down: ${why}` });
    }
  }

  async #setLinksBack(): Promise<void> {
    const { links, emit } = this.#options;
    const changes = links?.healing() ?? [];
    if (links === undefined || changes.length === 0) return;
    try {
      await links.set(changes, AbortSignal.timeout(restoreTimeoutMs));
    } catch (error) {
      const message = `${changes.length} links could not be set back to what was asked for: ${describeError(error)}`;
      emit({ type: "warning", message });
    }
  }
}

/** Seconds, in whole microseconds. */
const inSecs = (ms: number) => Math.round(ms * 1000) / 1e6;

/** Waits for all; throws the first failure. */
async function allEnded(work: readonly Promise<void>[]): Promise<void> {
  for (const one of await Promise.allSettled(work)) if (one.status === "rejected") throw one.reason;
}
