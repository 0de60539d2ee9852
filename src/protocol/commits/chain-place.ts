import type {
  BlockSighting,
  CommitListener,
  CommittedBlock,
  ObserveOptions,
} from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { ProbeOptions } from "../../contracts/protocol.ts";
import type { WebSocketTiming } from "../rpc/websocket.ts";
import type { BlockSubscription } from "./block-inbox.ts";
import type { ChainExtent } from "./rpc-client.ts";
import type { SubscriptionOptions } from "./subscription.ts";

/** Missed blocks that are fetched at once; fewer where they are large, … */
const fetchBatch = 8;
/** … so that what is read at once stays below this. */
const fetchBytes = 64 * 2 ** 20;

/** Where an observer has a chain's blocks from: what differs from one kind of RPC to the next. */
export interface ChainSource {
  readonly readExtent: (rpc: Endpoint, options: ProbeOptions) => Promise<ChainExtent>;
  /** Rejects where the node does not give the block. */
  readonly readBlock: (
    rpc: Endpoint,
    height: number,
    options: ProbeOptions & { readonly headBytes: number },
  ) => Promise<CommittedBlock>;
  /** Resolves once it stands. @throws SubscriptionError */
  readonly subscribe: (rpc: Endpoint, options: SubscriptionOptions) => Promise<BlockSubscription>;
}

/** Limits and pauses of an observer. */
export interface ObserverTiming extends WebSocketTiming {
  readonly requestTimeoutMs: number;
  /** Pause before a new attempt; doubles up to the longest while attempts fail. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** How often a node without a subscription is asked for new blocks. */
  readonly pollPeriodMs: number;
}

/** Whose commits are watched, for whom. */
export interface WatchRequest extends ObserveOptions {
  readonly rpc: Endpoint;
  readonly listener: CommitListener;
  readonly timing: ObserverTiming;
}

export interface ChainWatch extends WatchRequest {
  readonly source: ChainSource;
}

/** Blocks that came by themselves. */
type Arrived = Pick<BlockSubscription, "take" | "holds">;

/** None did. */
export const nothingArrived: Arrived = { take: () => undefined, holds: () => false };

/** The place that an observer has reached in one node's chain: tells every height once, and in order. */
export class ChainPlace {
  /** Highest height told. */
  reported = 0;
  /** Every height below is told, cannot be had, or was before our time. */
  next = 1;
  readonly #options: ChainWatch;
  readonly #request: ProbeOptions & { readonly headBytes: number };
  /** What the node showed at the highest height told. */
  #shown: string | undefined;
  #messageBytes = 0;

  constructor(options: ChainWatch) {
    this.#options = options;
    const { timing, signal, headBytes } = options;
    this.#request = { timeoutMs: timing.requestTimeoutMs, signal, headBytes };
  }

  readExtent(): Promise<ChainExtent> {
    return this.#options.source.readExtent(this.#options.rpc, this.#request);
  }

  /** A node that came back with another history was taken at its word before; that cannot be mended, only told. */
  async checkHistory({ earliest }: ChainExtent): Promise<void> {
    const height = this.reported;
    if (this.#shown === undefined || height < earliest) return;
    const { source, rpc } = this.#options;
    const { fingerprint } = await source.readBlock(rpc, height, { ...this.#request, headBytes: 0 });
    if (fingerprint === this.#shown) return;
    this.#options.listener.failed(`it came back with a different block at height ${height} than before`);
    this.#shown = fingerprint;
  }

  /** Goes on behind the heights that the node does not have any more. */
  passOver({ earliest }: ChainExtent): void {
    if (earliest <= this.next) return;
    const gone =
      this.next === earliest - 1 ? `height ${this.next}` : `heights ${this.next} to ${earliest - 1}`;
    this.#options.listener.failed(`${gone} are no longer available: its earliest is ${earliest}`);
    this.next = earliest;
  }

  /**
   * Tells all up to `latest` that was not told yet: what arrived, else what the node gives when asked.
   *
   * @param missed whether those that are asked for should have arrived
   * @returns how many were asked for
   */
  async reportUpTo(
    latest: number,
    { arrived, missed }: { arrived: Arrived; missed: boolean },
  ): Promise<number> {
    let asked = 0;
    while (this.next <= latest) {
      this.#options.signal.throwIfAborted();
      const came = arrived.take(this.next);
      if (came !== undefined) {
        this.#notify(came.block, { missed: false, readMs: came.readMs });
        continue;
      }
      const fetched = await this.#fetch(latest, arrived);
      const readMs = this.#options.clock.monotonicMs();
      for (const block of fetched) this.#notify(block, { missed, readMs });
      asked += fetched.length;
    }
    return asked;
  }

  #notify(block: CommittedBlock, seen: BlockSighting): void {
    this.next = block.height + 1;
    this.reported = block.height;
    this.#shown = block.fingerprint;
    this.#messageBytes = block.messageBytes;
    this.#options.listener.block(block, seen);
  }

  /** Some blocks from the next on, up to `latest` or to one that has arrived. */
  async #fetch(latest: number, { holds }: Arrived): Promise<CommittedBlock[]> {
    const { rpc, source } = this.#options;
    // A block is about as large as the one before it.
    const most = Math.min(fetchBatch, Math.max(1, Math.floor(fetchBytes / (this.#messageBytes + 1))));
    const heights = [this.next];
    for (let height = this.next + 1; height <= latest && heights.length < most; height++) {
      if (holds(height)) break;
      heights.push(height);
    }
    try {
      return await Promise.all(heights.map((height) => source.readBlock(rpc, height, this.#request)));
    } catch (error) {
      // They may have been let go since the node was last asked. Otherwise the way to it is tried anew.
      const next = this.next;
      this.passOver(await this.readExtent());
      if (this.next > next) return [];
      throw error;
    }
  }
}
