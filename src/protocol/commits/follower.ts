import { delay, withinMs } from "../../core/async.ts";
import { describeError } from "../../core/errors.ts";
import { type BlockSubscription, SubscriptionError } from "./block-inbox.ts";
import { ChainPlace, type ChainWatch, nothingArrived } from "./chain-place.ts";
import type { ChainExtent } from "./rpc-client.ts";
import { searchSubscription } from "./subscription-search.ts";

/** Failed attempts in a row after which a node that had a subscription is polled. */
const attemptsBeforePolling = 2;

/** Follows one node's chain, over any number of subscriptions, and without one where none is to be had. */
export class Follower {
  readonly #options: ChainWatch;
  readonly #place: ChainPlace;
  /** The one that stands now. */
  #subscription: BlockSubscription | undefined;
  #lost = false;
  /** Heights asked for since the subscription was lost. */
  #missed = 0;
  #failedAttempts = 0;

  constructor(options: ChainWatch) {
    this.#options = options;
    this.#place = new ChainPlace(options);
  }

  /** Highest height told. */
  get reported(): number {
    return this.#place.reported;
  }

  unreportedSinceMs(): number | undefined {
    return this.#subscription?.heldSinceMs();
  }

  /** Closes the subscription where the node has what others have shown and did not send it. Never rejects. */
  async question(height: number): Promise<void> {
    const subscription = this.#subscription;
    if (subscription === undefined) return;
    const extent = await this.#place.readExtent().catch(() => undefined);
    const isSent = height < this.#place.next || height <= subscription.latest();
    if (extent === undefined || extent.latest < height || isSent) return;
    subscription.close(`it sends nothing, but others have reported height ${height}`);
  }

  /** Takes its place behind the current height, with a subscription unless the node answers without giving one. */
  async begin(): Promise<void> {
    const { timing } = this.#options;
    const takePlace = async () => {
      this.#place.next = (await this.#place.readExtent()).latest + 1;
    };
    try {
      await this.#prepare(await this.#subscribe(), takePlace);
    } catch (error) {
      if (!(error instanceof SubscriptionError) || this.#options.signal.aborted) throw error;
      const answer = takePlace().then(() => "it answers");
      // Who waited that long for a subscription waits no longer for an answer. Where there is none, `error` says more.
      if ((await withinMs(timing.openTimeoutMs, answer)) === undefined) throw error;
    }
  }

  /** Tells heights until the end; subscribes again as often as it takes. */
  async follow(): Promise<void> {
    const { signal, timing } = this.#options;
    let retryMs = timing.firstRetryMs;
    try {
      if (this.#subscription === undefined) await this.#poll();
    } catch (error) {
      this.#lose(error);
    }
    while (!signal.aborted) {
      try {
        const subscription = this.#subscription ?? (await this.#resume());
        this.#restore();
        retryMs = timing.firstRetryMs;
        await this.#reportNews(subscription);
      } catch (error) {
        this.#lose(error);
      }
      await delay(retryMs, signal).catch(() => {});
      retryMs = Math.min(2 * retryMs, timing.longestRetryMs);
    }
  }

  #lose(error: unknown): void {
    if (this.#lost || this.#options.signal.aborted) return;
    this.#beginLoss();
    this.#options.listener.lost(describeError(error));
  }

  #beginLoss(): void {
    if (!this.#lost) this.#missed = 0;
    this.#lost = true;
  }

  #restore(): void {
    if (this.#lost) this.#options.listener.restored(this.#missed);
    this.#lost = false;
    this.#failedAttempts = 0;
  }

  /** Subscribes again, and tells what was missed; polls the node until then, where that fails again and again. */
  async #resume(): Promise<BlockSubscription> {
    let subscription: BlockSubscription;
    try {
      subscription = await this.#subscribe();
    } catch (error) {
      if (++this.#failedAttempts < attemptsBeforePolling) throw error;
      return await this.#poll();
    }
    return await this.#prepare(subscription, () => this.#catchUp(subscription));
  }

  async #catchUp(subscription: BlockSubscription): Promise<void> {
    const extent = await this.#returnToPlace(subscription);
    await this.#place.checkHistory(extent);
    this.#place.passOver(extent);
    this.#missed += await this.#place.reportUpTo(extent.latest, { arrived: subscription, missed: true });
  }

  /** Waits until the node has again what it had shown. @returns how far it is then */
  async #returnToPlace(subscription: BlockSubscription): Promise<ChainExtent> {
    for (;;) {
      const extent = await this.#place.readExtent();
      if (extent.latest >= this.#place.next - 1) return extent;
      this.#reportBehind(extent);
      do {
        await subscription.news();
        subscription.dropBelow(this.#place.next);
      } while (subscription.latest() < this.#place.next - 1);
    }
  }

  #reportBehind({ latest }: ChainExtent): void {
    const reason = `it came back with height ${latest}, after it had reported ${this.#place.next - 1}`;
    this.#options.listener.lost(reason);
  }

  /**
   * Asks the node for new blocks until it gives a subscription. That it gives none is told once it has refused one
   * while it answered: a node that was away for a while is not taken for one without subscriptions.
   *
   * @throws where the node does not answer over HTTP
   */
  async #poll(): Promise<BlockSubscription> {
    await this.#askForNews(true);
    const { listener, timing, signal } = this.#options;
    let refusals = 0;
    const search = searchSubscription(() => this.#subscribe(), {
      pauseMs: timing.longestRetryMs,
      signal,
      onFailure: (error) => {
        if (++refusals === 1) listener.polling(timing.pollPeriodMs, describeError(error));
      },
    });
    try {
      for (;;) {
        await delay(timing.pollPeriodMs, signal);
        const found = search.take();
        if (found !== undefined) return await this.#prepare(found, () => this.#catchUp(found));
        await this.#askForNews(false);
      }
    } finally {
      search.end();
    }
  }

  /** @param first whether the node has not been asked before, so that heights may have been missed */
  async #askForNews(first: boolean): Promise<void> {
    const extent = await this.#place.readExtent();
    if (extent.latest < this.#place.next - 1) {
      this.#beginLoss();
      return this.#reportBehind(extent);
    }
    if (first || this.#lost) await this.#place.checkHistory(extent);
    this.#place.passOver(extent);
    const missed = this.#lost;
    const asked = await this.#place.reportUpTo(extent.latest, { arrived: nothingArrived, missed });
    if (missed) this.#missed += asked;
    this.#restore();
  }

  #subscribe(): Promise<BlockSubscription> {
    return this.#options.source.subscribe(this.#options.rpc, this.#options);
  }

  /** A subscription that outlived its preparation. */
  async #prepare(made: BlockSubscription, prepare: () => Promise<void>): Promise<BlockSubscription> {
    this.#subscription = made;
    try {
      await prepare();
      return made;
    } catch (error) {
      this.#close(made);
      throw error;
    }
  }

  /** Tells what comes until the subscription breaks, which it throws; never returns. */
  async #reportNews(subscription: BlockSubscription): Promise<never> {
    try {
      for (;;) {
        await subscription.news();
        const reported = { arrived: subscription, missed: true };
        this.#missed += await this.#place.reportUpTo(subscription.latest(), reported);
        subscription.dropBelow(this.#place.next);
      }
    } finally {
      this.#close(subscription);
    }
  }

  /** What it still holds will be fetched, and counts as seen then. */
  #close(subscription: BlockSubscription): void {
    this.#subscription = undefined;
    subscription.close();
  }
}
