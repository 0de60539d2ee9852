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

/** Tries to subscribe, again and again. */
export function searchSubscription(
  subscribe: () => Promise<BlockSubscription>,
  { firstPauseMs, signal }: { readonly firstPauseMs: number; readonly signal: AbortSignal },
): SubscriptionSearch {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  const search = async (): Promise<BlockSubscription | undefined> => {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      await delay(pauseMs, either).catch(() => {});
      if (either.aborted) return undefined;
      const made = await subscribe().catch(() => undefined);
      if (made !== undefined && !either.aborted) return made;
      made?.close();
    }
  };
  return { found: search(), end: () => ending.abort() };
}
