import { delay } from "../../../core/async.ts";

/** Beyond it, what was missed is left out: a host that stood still does not send all of it at once. */
const mostBehindMs = 1000;

/**
 * Calls `send` at an even rate, open loop: a late one does not delay those after it. Resolves when the signal aborts.
 *
 * @param send gets its number from 0, and how late it is, milliseconds
 */
export async function followRate(
  perSec: number,
  send: (number: number, lateMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const gapMs = 1000 / perSec;
  const startMs = performance.now();
  for (let number = 0; !signal.aborted; ) {
    const lateMs = performance.now() - (startMs + number * gapMs);
    if (lateMs < 0) {
      await delay(-lateMs, signal).catch(() => {}); // the loop sees it
      continue;
    }
    if (lateMs > mostBehindMs) number += Math.floor((lateMs - mostBehindMs) / gapMs);
    send(number, performance.now() - (startMs + number * gapMs));
    number++;
  }
}
