import { delay } from "../core/async.ts";
import type { BlockSubscription } from "./subscription.ts";

/** The pause between attempts doubles up to this. */
const longestPauseMs = 10_000;

export interface SubscriptionSearch {
  /** The first that stands; undefined once the search was ended before. */
  readonly found: Promise<BlockSubscription | undefined>;
  /** What is found later is closed. */
  readonly end: () => void;
}

export interface SearchOptions {
  /** After the first attempt, which is made at once. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** Tries to subscribe, again and again. */
export function searchSubscription(
  subscribe: () => Promise<BlockSubscription>,
  { pauseMs: firstPauseMs, signal, onFailure }: SearchOptions,
): SubscriptionSearch {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const attempt = async (): Promise<BlockSubscription | undefined> => {
    try {
      return await subscribe();
    } catch (error) {
      if (!either.aborted) onFailure(error);
      return undefined;
    }
  };
  const search = async (): Promise<BlockSubscription | undefined> => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const made = await attempt();
      if (made !== undefined && !either.aborted) return made;
      made?.close();
      await delay(pauseMs, either).catch(() => {});
      if (either.aborted) return undefined;
    }
  };
  return { found: search(), end: () => ending.abort() };
}
