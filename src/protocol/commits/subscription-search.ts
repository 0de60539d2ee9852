import { delay } from "../../core/async.ts";
import type { BlockSubscription } from "./block-inbox.ts";

/** The pause between attempts doubles up to this. */
const longestPauseMs = 10_000;

interface SearchOptions {
  /** After the first attempt, which is made at once. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** Tries to subscribe, again and again, until one stands. */
export function searchSubscription(
  subscribe: () => Promise<BlockSubscription>,
  { pauseMs: firstPauseMs, signal, onFailure }: SearchOptions,
) {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  let found: BlockSubscription | undefined;
  const search = async (): Promise<void> => {
    for (let pauseMs = firstPauseMs; !either.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        found = await subscribe();
        break;
      } catch (error) {
        if (!either.aborted) onFailure(error);
      }
      await delay(pauseMs, either).catch(() => {});
    }
    if (either.aborted) close();
  };
  /** The one that was found, once: it is the caller's from then on. undefined where there is none yet. */
  const take = () => {
    const taken = found;
    found = undefined;
    return taken;
  };
  const close = () => take()?.close();
  void search();
  return {
    take,
    /** Closes what was found and not taken, and what is found later. */
    end: () => {
      ending.abort();
      close();
    },
  };
}
