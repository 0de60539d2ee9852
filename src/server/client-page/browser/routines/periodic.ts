import type { Routine, SimulatedPeer } from "./routine.ts";

export interface Period {
  readonly everyMs: number;
  /** When it is due for the first time. Default: 0. */
  readonly firstMs?: number;
}

/** After a pause of the page, at most so many of the missed ones are made up for in one call. */
const mostAtOnce = 1_000;

/**
 * Acts at due times, however the calls fall: firstMs, firstMs + everyMs, and so on. A call that comes late acts once for
 * each due time that has passed, and later ones keep theirs.
 */
export function periodic({ everyMs, firstMs = 0 }: Period, act: (peer: SimulatedPeer) => void): Routine {
  let count = 0;
  return (elapsed, _delta, peer) => {
    for (let once = 0; once < mostAtOnce && firstMs + count * everyMs <= elapsed; once++) {
      count++;
      act(peer);
    }
  };
}

/** Does what all of them do. */
export function together(...routines: readonly Routine[]): Routine {
  return (elapsed, delta, peer) => {
    for (const routine of routines) routine(elapsed, delta, peer);
  };
}
