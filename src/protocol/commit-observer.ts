import type { Endpoint } from "../contracts/deployment.ts";
import type {
  BlockSighting,
  CommitListener,
  CommitObserver,
  CommittedBlock,
  ObserveOptions,
} from "../contracts/protocol.ts";
import { delay } from "../core/async.ts";
import { describeError } from "../core/errors.ts";
import { type ChainExtent, readBlock, readExtent } from "./rpc-client.ts";
import { type BlockSubscription, type SubscriptionOptions, subscribeToBlocks } from "./subscription.ts";
import type { WebSocketTiming } from "./websocket.ts";

/** Limits and pauses of an observer. */
export interface ObserverTiming extends WebSocketTiming {
  readonly requestTimeoutMs: number;
  /** Pause before a new attempt; doubles up to the longest while attempts fail. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

const usualTiming: ObserverTiming = {
  openTimeoutMs: 5000,
  pingPeriodMs: 5000,
  requestTimeoutMs: 10_000,
  firstRetryMs: 50,
  longestRetryMs: 1000,
};

/** Missed blocks that are fetched at once. */
const fetchBatch = 8;

/**
 * Observes the commits of one node with a CometBFT-shaped RPC, from the first height after the one that is
 * current once the subscription stands.
 *
 * Tells every height once and in order: what a broken (or gapped) subscription missed is fetched over HTTP. Heights
 * that the node does not have any more are told as a failure and passed over.
 * Reconnects until it is disposed of or aborted, at most once in `longestRetryMs` while the node is away. A node that
 * comes back with less than it had shown (it recovers, or lags behind) is waited for.
 *
 * @throws SubscriptionError where the first subscription does not come about; later ones are tried again
 */
export async function observeCommits(
  rpc: Endpoint,
  listener: CommitListener,
  { timing = usualTiming, ...options }: ObserveOptions & { readonly timing?: ObserverTiming },
): Promise<CommitObserver> {
  const disposal = new AbortController();
  const signal = AbortSignal.any([options.signal, disposal.signal]);
  const follower = new Follower({ ...options, rpc, listener, signal, timing });
  const first = await follower.begin();
  const following = follower.follow(first);
  return {
    height: () => follower.told,
    untoldSinceMs: () => follower.untoldSinceMs(),
    [Symbol.asyncDispose]: async () => {
      disposal.abort();
      await following;
    },
  };
}

interface FollowerOptions extends SubscriptionOptions {
  readonly rpc: Endpoint;
  readonly listener: CommitListener;
  readonly timing: ObserverTiming;
}

/** Keeps the place in one node's chain, over any number of subscriptions. */
class Follower {
  /** Highest height told. */
  told = 0;
  readonly #options: FollowerOptions;
  readonly #request: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly headBytes: number };
  #subscription: BlockSubscription | undefined;
  /** Every height below is told, cannot be had, or was before our time. */
  #next = 1;
  /** What the node showed at the highest height told. */
  #shown: string | undefined;
  #lost = false;
  /** Heights fetched since the subscription was lost. */
  #missed = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { timing, signal, headBytes } = options;
    this.#request = { timeoutMs: timing.requestTimeoutMs, signal, headBytes };
  }

  untoldSinceMs(): number | undefined {
    return this.#subscription?.heldSinceMs();
  }

  /** Subscribes for the first time, and takes its place behind the current height. */
  begin(): Promise<BlockSubscription> {
    return this.#subscribe(async () => {
      this.#next = (await readExtent(this.#options.rpc, this.#request)).latest + 1;
    });
  }

  /** Tells heights until the end; subscribes again as often as it takes. */
  async follow(first: BlockSubscription): Promise<void> {
    const { signal, listener, timing } = this.#options;
    let subscription: BlockSubscription | undefined = first;
    let retryMs = timing.firstRetryMs;
    while (!signal.aborted) {
      try {
        subscription ??= await this.#resume();
        if (this.#lost) listener.restored(this.#missed);
        this.#lost = false;
        retryMs = timing.firstRetryMs;
        await this.#tellNews(subscription);
      } catch (error) {
        if (signal.aborted) return;
        this.#lose(describeError(error));
      }
      subscription = undefined;
      await delay(retryMs, signal).catch(() => {});
      retryMs = Math.min(2 * retryMs, timing.longestRetryMs);
    }
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#missed = 0;
    this.#options.listener.lost(reason);
  }

  /** Subscribes again, and tells what was missed. */
  #resume(): Promise<BlockSubscription> {
    return this.#subscribe(async (subscription) => {
      const extent = await this.#returnToPlace(subscription);
      await this.#checkHistory(extent);
      this.#passOver(extent);
      await this.#tellUpTo(extent.latest, subscription);
    });
  }

  /** Waits until the node has again what it had shown. @returns how far it is then */
  async #returnToPlace(subscription: BlockSubscription): Promise<ChainExtent> {
    const { rpc, listener } = this.#options;
    for (;;) {
      const extent = await readExtent(rpc, this.#request);
      if (extent.latest >= this.#next - 1) return extent;
      listener.lost(`it came back with height ${extent.latest}, after it had shown ${this.#next - 1}`);
      do {
        await subscription.news();
        subscription.dropBelow(this.#next);
      } while (subscription.latest() < this.#next - 1);
    }
  }

  /** A node that came back with another history was taken at its word before; that cannot be mended, only told. */
  async #checkHistory({ earliest }: ChainExtent): Promise<void> {
    const height = this.told;
    if (this.#shown === undefined || height < earliest) return;
    const { fingerprint } = await readBlock(this.#options.rpc, height, this.#request);
    if (fingerprint === this.#shown) return;
    this.#options.listener.failed(`it came back with another block at height ${height} than it had shown`);
    this.#shown = fingerprint;
  }

  /** Goes on behind the heights that the node does not have any more. */
  #passOver({ earliest }: ChainExtent): void {
    if (earliest <= this.#next) return;
    const gone =
      this.#next === earliest - 1 ? `height ${this.#next}` : `heights ${this.#next} to ${earliest - 1}`;
    this.#options.listener.failed(`${gone} cannot be had any more: its earliest is ${earliest}`);
    this.#next = earliest;
  }

  /** A subscription that outlived its preparation. */
  async #subscribe(prepare: (made: BlockSubscription) => Promise<void>): Promise<BlockSubscription> {
    const subscription = await subscribeToBlocks(this.#options.rpc, this.#options);
    this.#subscription = subscription;
    try {
      await prepare(subscription);
      return subscription;
    } catch (error) {
      subscription.close();
      throw error;
    }
  }

  /** Tells what comes until the subscription breaks, which it throws; never returns. */
  async #tellNews(subscription: BlockSubscription): Promise<never> {
    try {
      for (;;) {
        await subscription.news();
        await this.#tellUpTo(subscription.latest(), subscription);
        subscription.dropBelow(this.#next);
      }
    } finally {
      subscription.close();
    }
  }

  /** Tells all up to `latest` that was not told yet, from the subscription or, where it lacks, from the node. */
  async #tellUpTo(latest: number, subscription: BlockSubscription): Promise<void> {
    while (this.#next <= latest) {
      this.#options.signal.throwIfAborted();
      const arrived = subscription.take(this.#next);
      if (arrived !== undefined) {
        this.#tell(arrived.block, { missed: false, readMs: arrived.readMs });
        continue;
      }
      const fetched = await this.#fetch(latest, subscription);
      const readMs = this.#options.clock.monotonicMs();
      for (const block of fetched) this.#tell(block, { missed: true, readMs });
    }
  }

  #tell(block: CommittedBlock, seen: BlockSighting): void {
    this.#next = block.height + 1;
    this.told = block.height;
    this.#shown = block.fingerprint;
    if (seen.missed) this.#missed++;
    this.#options.listener.block(block, seen);
  }

  /** Some blocks from the next on, up to `latest` or to one that the subscription holds. */
  async #fetch(latest: number, { holds }: BlockSubscription): Promise<CommittedBlock[]> {
    const heights = [this.#next];
    for (let height = this.#next + 1; height <= latest && heights.length < fetchBatch; height++) {
      if (holds(height)) break;
      heights.push(height);
    }
    try {
      const { rpc } = this.#options;
      return await Promise.all(heights.map((height) => readBlock(rpc, height, this.#request)));
    } catch (error) {
      // They may have been let go since the node was last asked. Otherwise the way to it is tried anew.
      const next = this.#next;
      this.#passOver(await readExtent(this.#options.rpc, this.#request));
      if (this.#next > next) return [];
      throw error;
    }
  }
}
