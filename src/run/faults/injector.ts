import type { NetworkNode } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { FaultRecord } from "../../contracts/results/faults.ts";
import { delay, withinMs } from "../../core/async.ts";
import { describeError, InvalidArgumentError } from "../../core/errors.ts";
import type { Timeline, TimelineEntry } from "../../load/timeline/crashes.ts";
import type { RunRequest } from "../watch/run-request.ts";
import { crashNode, type EffectView, recoverNode } from "./effects.ts";

export interface FaultInjectorOptions extends EffectView, Pick<RunRequest, "clock" | "emit"> {
  readonly timeline: Timeline;
  /** A started node that has not caught up after this long did not come back. */
  readonly recoveryTimeoutMs: number;
}

/** Longest wait for a node to be started when all is put back. */
const restoreTimeoutMs = 20_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Applies a timeline's actions to a network, and records when each was asked for, ordered, and had its effect. Never
 * more nodes are down at once than the timeline has it: a crash waits until those before it are back, and is not
 * carried out where its own recovery is due by then.
 */
export class FaultInjector implements AsyncDisposable {
  readonly #options: FaultInjectorOptions;
  readonly #view: EffectView;
  readonly #end = new AbortController();
  readonly #records: Mutable<FaultRecord>[] = [];
  /** Ordered to crash, and not seen to be back. */
  readonly #down = new Map<NodeName, NetworkNode>();
  #running: Promise<void> = Promise.resolve();
  #recovering: Promise<void>[] = [];
  #windowStartMs = 0;

  constructor(options: FaultInjectorOptions) {
    this.#options = options;
    this.#view = { ...options, signal: AbortSignal.any([options.signal, this.#end.signal]) };
  }

  /** Begins. The timeline counts from `windowStartMs` on the monotonic clock. */
  begin(windowStartMs: number): void {
    this.#windowStartMs = windowStartMs;
    this.#running = this.#follow();
    // Whoever calls finish() is told; an abort needs no telling.
    this.#running.catch(() => {});
  }

  /** Nodes that are down on purpose: ordered to crash, and not back. */
  down(): ReadonlySet<NodeName> {
    return new Set(this.#down.keys());
  }

  /** @returns what was done, in order, once all has had its effect or failed @throws the signal's reason on abort */
  async finish(): Promise<readonly FaultRecord[]> {
    await this.#running;
    return this.#records;
  }

  /** Starts every node again that is down on purpose; what cannot be started is told as a warning. */
  async restore(): Promise<void> {
    const { emit } = this.#options;
    await Promise.all(
      [...this.#down.values()].map(async (node) => {
        const failure = await withinMs(
          restoreTimeoutMs,
          node.start().then(() => "", describeError),
        );
        if (failure === "") {
          this.#down.delete(node.name);
          emit({ type: "network-step", step: `restarted ${node.name}, which had crashed` });
        } else {
          const why = failure ?? `no answer within ${restoreTimeoutMs / 1000} s`;
          const message = `${node.name}, which had crashed, could not be restarted and is down: ${why}`;
          emit({ type: "warning", message });
        }
      }),
    );
  }

  /** Ends what is under way; nodes stay as they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await Promise.allSettled([this.#running]);
    await Promise.allSettled(this.#recovering);
  }

  async #follow(): Promise<void> {
    for (const entry of this.#options.timeline) {
      await this.#waitFor(entry.atMs);
      if (entry.action === "crash") await this.#crashAll(entry);
      else this.#recoverAll(entry);
    }
    await Promise.all(this.#recovering);
  }

  async #waitFor(atMs: number): Promise<void> {
    const { signal } = this.#view;
    signal.throwIfAborted();
    for (;;) {
      // A timer may fire a moment early.
      const waitMs = this.#windowStartMs + atMs - this.#options.clock.monotonicMs();
      if (waitMs <= 0) return;
      await delay(waitMs, signal);
    }
  }

  async #crashAll(entry: TimelineEntry): Promise<void> {
    await Promise.all(this.#recovering);
    this.#recovering = [];
    const obstacle = this.#obstacleTo(entry);
    // Also on abort every kill is waited for: one that came later would undo what is put back.
    const crashes = await Promise.allSettled(
      this.#nodesOf(entry).map(async (node) => {
        const record = this.#record(node, entry);
        if (obstacle !== undefined) {
          this.#fail(record, obstacle);
          return;
        }
        this.#down.set(node.name, node);
        await this.#carryOut(record, () => crashNode(node, this.#view));
      }),
    );
    for (const crash of crashes) if (crash.status === "rejected") throw crash.reason;
  }

  #obstacleTo(entry: TimelineEntry): string | undefined {
    const { timeline } = this.#options;
    if (this.#down.size > 0) return `${[...this.#down.keys()].join(", ")} had not come back`;
    const recovery = timeline.slice(timeline.indexOf(entry)).find(({ action }) => action === "recover");
    if (recovery === undefined || this.#nowSecs() * 1000 < recovery.atMs) return undefined;
    return "earlier crashes took so long to recover that its own recovery was due";
  }

  #recoverAll(entry: TimelineEntry): void {
    const { recoveryTimeoutMs: timeoutMs } = this.#options;
    for (const node of this.#nodesOf(entry)) {
      const record = this.#record(node, entry);
      if (!this.#down.has(node.name)) {
        this.#fail(record, "it had not crashed");
        continue;
      }
      const onAnswer = () => {
        record.answersSecs = this.#nowSecs();
      };
      const recovery = this.#carryOut(record, async () => {
        await recoverNode(node, this.#view, { timeoutMs, onAnswer });
        this.#down.delete(node.name);
      });
      recovery.catch(() => {});
      this.#recovering.push(recovery);
    }
  }

  /** Rejects on abort alone: a fault that fails is recorded, and the run goes on. */
  async #carryOut(record: Mutable<FaultRecord>, act: () => Promise<void>): Promise<void> {
    record.issuedSecs = this.#nowSecs();
    this.#options.emit({ type: "fault", stage: "issued", ...record });
    try {
      await act();
    } catch (error) {
      this.#view.signal.throwIfAborted();
      this.#fail(record, describeError(error));
      return;
    }
    record.effectiveSecs = this.#nowSecs();
    this.#options.emit({ type: "fault", stage: "effective", ...record });
  }

  #record(node: NetworkNode, { action, atMs }: TimelineEntry): Mutable<FaultRecord> {
    const record: Mutable<FaultRecord> = { node: node.name, action, askedSecs: atMs / 1000 };
    this.#records.push(record);
    return record;
  }

  #fail(record: Mutable<FaultRecord>, failure: string): void {
    record.failure = failure;
    this.#options.emit({ type: "fault", stage: "failed", ...record });
  }

  #nodesOf({ nodes }: TimelineEntry): NetworkNode[] {
    return nodes.map((place) => {
      const node = this.#options.network.nodes[place];
      if (node === undefined) throw new InvalidArgumentError(`The network has no node ${place} to crash.`);
      return node;
    });
  }

  /** Seconds into the window, in whole microseconds. */
  #nowSecs(): number {
    return Math.round((this.#options.clock.monotonicMs() - this.#windowStartMs) * 1000) / 1e6;
  }
}
