import type { Emit } from "../../contracts/events.ts";
import type {
  BlockSighting,
  CommitListener,
  CommitObserver,
  CommittedBlock,
} from "../../contracts/load/commits.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { ObserverFigures } from "../../contracts/results/generator.ts";
import type { Clock } from "../../core/clock.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { ObserverReport } from "../plan/client-plan.ts";
import type { ObserverPlan } from "./observer-plan.ts";

/** How long a node may show nothing while others go on. */
const usualSilenceMs = 10_000;

/** A node's commits could not be watched from the start. */
export class CommitWatchError extends BaleenError {
  readonly node: NodeName;

  constructor(node: NodeName, options: { cause: unknown }) {
    super(
      "commit-watch",
      `Cannot watch the commits of ${node}: ${describeError(options.cause)}. Check that the node runs and that its RPC address serves its blocks.`,
      options,
    );
    this.node = node;
  }
}

export interface CommitWatchOptions {
  /** The target at that place showed a block. */
  readonly onBlock: (target: number, block: CommittedBlock, seen: BlockSighting) => void;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Watches every target at once; resolves once all are watched. None is where commits cannot be observed.
 *
 * @throws CommitWatchError where one cannot be watched (the others are let go); the signal's reason on abort
 */
export async function openCommitWatch(
  targets: ObserverPlan["targets"],
  { observeCommits, transactions }: Pick<Protocol, "transactions" | "observeCommits">,
  options: CommitWatchOptions,
): Promise<CommitWatch> {
  const { signal, clock } = options;
  const watch = new CommitWatch(options.emit);
  const observed = observeCommits === undefined ? [] : targets;
  const opened = await Promise.allSettled(
    observed.map(async ({ node, rpc }, index) => {
      const block: CommitListener["block"] = (shown, seen) => options.onBlock(index, shown, seen);
      const listener = { block, ...watch.listen(node) };
      try {
        return await observeCommits?.(rpc, listener, { clock, headBytes: transactions.headBytes, signal });
      } catch (error) {
        signal.throwIfAborted();
        throw new CommitWatchError(node, { cause: error });
      }
    }),
  );
  watch.over(opened.flatMap((one) => (one.status === "fulfilled" ? (one.value ?? []) : [])));
  const failed = opened.find((one) => one.status === "rejected");
  if (failed === undefined) return watch;
  await watch[Symbol.asyncDispose]();
  throw failed.reason;
}

/** A standing watch over the commits of several nodes; what goes wrong is told as it happens. */
export class CommitWatch implements AsyncDisposable {
  #observers: readonly CommitObserver[] = [];
  /** Looks for nodes that show nothing while others go on; to be called again and again. */
  lookForSilence: (nowMs: number) => void = () => {};
  readonly #polled = new Map<NodeName, number>();
  readonly #emit: Emit;
  /** Nodes with heights that were never seen, and why at first. */
  readonly #failed = new Map<NodeName, string>();
  /** Nodes whose blocks do not come at the moment, and why. */
  readonly #lost = new Map<NodeName, string>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  over(observers: readonly CommitObserver[]): void {
    this.#observers = observers;
    this.lookForSilence = watchForSilence(observers);
  }

  listen(node: NodeName): Omit<CommitListener, "block"> {
    return {
      lost: (reason) => {
        if (!this.#lost.has(node)) this.#emit({ type: "observer-lost", node, reason });
        this.#lost.set(node, reason);
      },
      polling: (everyMs, reason) => {
        this.#polled.set(node, everyMs);
        this.#emit({ type: "observer-polls", node, everyMs, reason });
      },
      restored: (missedHeights) => {
        this.#lost.delete(node);
        this.#emit({ type: "observer-restored", node, missedHeights });
      },
      failed: (reason) => {
        if (!this.#failed.has(node)) this.#failed.set(node, reason);
      },
    };
  }

  /** Nodes that had to be asked for new blocks, at any time, and how often. */
  polled(): ObserverFigures["polled"] {
    return [...this.#polled].map(([node, everyMs]) => ({ node, everyMs }));
  }

  /** When the oldest block had been read that is not told yet. */
  unreportedSinceMs(): number | undefined {
    return this.#observers.reduce<number | undefined>((least, observer) => {
      const sinceMs = observer.unreportedSinceMs();
      return sinceMs === undefined || (least !== undefined && least <= sinceMs) ? least : sinceMs;
    }, undefined);
  }

  /** Observers that lost their place, or whose subscription is still broken now. */
  failures(): ObserverReport["observerFailures"] {
    const failed = [...this.#failed].map(([node, reason]) => ({ node, reason }));
    const broken = [...this.#lost].map(([node, reason]) => ({
      node,
      reason: `its subscription broke and was not restored before the end: ${reason}`,
    }));
    return [...failed, ...broken];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#observers.map((observer) => observer[Symbol.asyncDispose]()));
  }
}

/**
 * Finds nodes that show nothing new for long while others do: a server may end a subscription and keep the connection.
 * Of each, its observer looks for itself whether that is so, again and again while it stays silent.
 *
 * @returns compares how far all are; to be called again and again
 */
export function watchForSilence(
  observers: readonly Pick<CommitObserver, "height" | "question">[],
  silenceMs = usualSilenceMs,
): (nowMs: number) => void {
  /** By observer: what it had told when it fell behind, what others had then, and since when. */
  const behind = new Map<number, { reported: number; others: number; sinceMs: number }>();
  return (nowMs) => {
    const heights = observers.map((observer) => observer.height());
    const highest = Math.max(0, ...heights);
    heights.forEach((reported, index) => {
      if (reported >= highest) {
        behind.delete(index);
        return;
      }
      const before = behind.get(index);
      const isSilent = before?.reported === reported;
      // Where all are silent, none is.
      if (isSilent && (nowMs - before.sinceMs < silenceMs || highest === before.others)) return;
      if (isSilent) observers[index]?.question?.(before.others);
      behind.set(index, { reported, others: highest, sinceMs: nowMs });
    });
  };
}
