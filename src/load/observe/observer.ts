import type { Emit } from "../../contracts/events.ts";
import type { BlockSighting, CommittedBlock } from "../../contracts/load/commits.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { Clock } from "../../core/clock.ts";
import { SignedRecord } from "../../metrics/stats/signed-record.ts";
import { Agreement } from "../plan/agreement.ts";
import type { ObserverReport } from "../plan/client-plan.ts";
import { type CommitBatch, CommitSorter } from "./commit-sorter.ts";
import { type CommitWatch, openCommitWatch } from "./commit-watch.ts";
import type { ObserverPlan } from "./observer-plan.ts";
import { ObserverWatch } from "./observer-watch.ts";

/** What an observer must know of the system under test. */
export type ObservedProtocol = Pick<Protocol, "transactions" | "observeCommits">;

export interface ObserverOptions {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Takes one client's commits of one block. The batch, with its memory, is the taker's. */
  readonly onCommits: (client: number, batch: CommitBatch) => void;
  /** All that was seen before this time has been told; comes every 20 ms while the thread gets its time. */
  readonly onWatermark: (upToMs: number) => void;
}

/** How often the thread looks how late it is; every second time it tells how far it is. */
const tickMs = 10;
/** After so many ticks it tells how high each node is, and looks for those that are silent. */
const secondTicks = 1000 / tickMs;
/** Heights that are kept with their times, 16 bytes each: three hours at 90 blocks a second. */
const mostHeights = 1_000_000;

/**
 * Resolves once every node is watched. Where the protocol's commits cannot be observed, there is nothing to tell.
 *
 * @throws CommitWatchError where a node cannot be watched (the others are let go); the signal's reason on abort
 */
export async function openObserver(
  plan: ObserverPlan,
  protocol: ObservedProtocol,
  options: ObserverOptions,
): Promise<Observer> {
  const observer = new Observer(plan, protocol, options);
  try {
    await observer.open();
    return observer;
  } catch (error) {
    await observer[Symbol.asyncDispose]();
    throw error;
  }
}

/** Watches the commits of all its nodes, in whichever thread it was opened. Disposing ends it. */
class Observer implements AsyncDisposable {
  readonly #plan: ObserverPlan;
  readonly #protocol: ObservedProtocol;
  readonly #options: ObserverOptions;
  readonly #self: ObserverWatch;
  readonly #sorter: CommitSorter;
  readonly #agreement: Agreement;
  /** Of blocks that were first seen within the window. */
  readonly #ages = new SignedRecord();
  /** New highest heights and when they were first seen; how many came later that found no room. */
  readonly #heightsSeen: number[] = [];
  readonly #heightsSeenAtMs: number[] = [];
  #unrecorded = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = 0;
  /** The highest of each target; 0: none yet. */
  readonly #heights: number[];
  #hasGrown = false;
  #watch: CommitWatch | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #windowStartMs = Number.NaN;

  constructor(plan: ObserverPlan, protocol: ObservedProtocol, options: ObserverOptions) {
    this.#plan = plan;
    this.#protocol = protocol;
    this.#options = options;
    this.#self = new ObserverWatch(plan.windowMs, options.clock);
    this.#sorter = new CommitSorter(plan, protocol.transactions);
    this.#agreement = new Agreement(plan.targets.length);
    this.#heights = plan.targets.map(() => 0);
  }

  async open(): Promise<void> {
    this.#watch = await openCommitWatch(this.#plan.targets, this.#protocol, {
      ...this.#options,
      onBlock: (target, block, seen) => this.#onBlock(target, block, seen),
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Says when the window begins, on the monotonic clock. Figures are of the window. */
  begin(windowStartMs: number): void {
    this.#windowStartMs = windowStartMs;
    this.#self.begin(windowStartMs);
  }

  /** What it found so far; to be called once, at the end of the run. */
  finish(): ObserverReport {
    const isObservable = this.#protocol.observeCommits !== undefined;
    const nodes = isObservable ? this.#plan.targets.map(({ node }) => node) : [];
    this.#warnOfLimits();
    return {
      watched: {
        nodes,
        heights: this.#highest === 0 ? undefined : { from: this.#lowest, to: this.#highest },
      },
      agreement: nodes.length < 2 ? undefined : this.#agreement.findings(),
      blockAges: this.#ages,
      observerFailures: this.#watch?.failures() ?? [],
      heightsSeenMs: this.#heightsSeenAtMs.map((atMs) => atMs - this.#windowStartMs),
      heightsSeen: this.#heightsSeen,
      observer: isObservable ? this.#self.figures(this.#watch?.polled() ?? []) : undefined,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#watch?.[Symbol.asyncDispose]();
  }

  #onBlock(target: number, block: CommittedBlock, seen: BlockSighting): void {
    const plan = this.#plan;
    const { readMs } = seen;
    const node = plan.targets[target]?.node ?? "";
    if (plan.targets.length > 1) this.#agreement.show(node, block.height, block.fingerprint);
    this.#lowest = Math.min(this.#lowest, block.height);
    if (block.height > this.#highest) {
      this.#highest = block.height;
      if (plan.keepsHeights) this.#keepHeight(block.height, readMs);
      if (this.#self.isInWindow(readMs)) this.#recordAge(block, readMs);
    }
    if (block.height > (this.#heights[target] ?? 0)) {
      this.#heights[target] = block.height;
      this.#hasGrown = true;
    }
    this.#sorter.sort(block.heads, { target, seenMs: readMs }, this.#options.onCommits);
    this.#self.reported(block, seen);
  }

  #keepHeight(height: number, readMs: number): void {
    if (this.#heightsSeen.length >= mostHeights) {
      this.#unrecorded++;
      return;
    }
    this.#heightsSeen.push(height);
    this.#heightsSeenAtMs.push(readMs);
  }

  /**
   * How old a block was, by its own time and this machine's wall clock, when the first node showed it. Both clocks come
   * in whole milliseconds. What is told here enters no latency.
   */
  #recordAge({ timeMs = Number.NaN }: CommittedBlock, readMs: number): void {
    const { clock } = this.#options;
    const readAgoMs = clock.monotonicMs() - readMs;
    const ageUs = Math.round((clock.wallMs() - readAgoMs - timeMs) * 1000);
    // A time centuries away is no time that the block was made at; one that lies by less stands in the record.
    if (Number.isSafeInteger(ageUs)) this.#ages.record(ageUs);
  }

  #tick(): void {
    const { clock, onWatermark } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#self.tick(nowMs, tickMs);
    // What was read in this turn was told in it, but for what waits for blocks that have to be fetched before it.
    if (++this.#ticks % 2 === 0) onWatermark(Math.min(nowMs, this.#watch?.unreportedSinceMs() ?? nowMs));
    if (this.#ticks % secondTicks !== 0) return;
    this.#watch?.lookForSilence(nowMs);
    if (this.#hasGrown) this.#reportHeights();
  }

  #reportHeights(): void {
    this.#hasGrown = false;
    const heights = this.#plan.targets.map(({ node }, target) => ({
      node,
      height: this.#heights[target] ?? 0,
    }));
    this.#options.emit({ type: "node-heights", heights: heights.filter(({ height }) => height > 0) });
  }

  /** Says what the bounded memory let go: nothing is lost in silence. */
  #warnOfLimits(): void {
    if (this.#unrecorded === 0) return;
    const message = `${this.#unrecorded} heights came after the record of times was full; the results lack the times when they were first seen.`;
    this.#options.emit({ type: "warning", message });
  }
}
