import type { Host, HostProcess } from "../../contracts/hosts/host.ts";
import type { Clock } from "../../core/clock.ts";
import { endProcess } from "../../core/process/end.ts";
import { ProcessLines } from "../../core/process/lines.ts";

export interface ClockOffset {
  /** Host minus this machine. */
  readonly offsetMs: number;
  /** The true offset lies within offsetMs ± errorMs: half the round trip, and what our own clock rounds off. */
  readonly errorMs: number;
  /** Shortest round trip seen; it includes the start of the host's `date`. */
  readonly rttMs: number;
}

const exchanges = 8;
const exchangeTimeoutMs = 10_000;
/** Says the time for each line that comes. */
const sayTime = "while read -r line; do date +%s%N || echo; done";
/** This machine's wall clock comes in whole milliseconds, rounded down. */
const roundedMs = 0.5;

/**
 * Compares a host's wall clock with this machine's, over one command that stays.
 *
 * @returns undefined where the host's `date` cannot tell less than a second, or gives no answer
 * @throws what the connection throws, the signal's reason
 * @see Cristian, Probabilistic clock synchronization (1989): of several exchanges the one with the shortest round
 *   trip bounds the error best
 */
export async function measureClock(
  host: Host,
  options: { clock: Clock; signal: AbortSignal },
): Promise<ClockOffset | undefined> {
  const { clock, signal } = options;
  signal.throwIfAborted();
  const process = await host.start(["sh", "-c", sayTime], { signal });
  const answers = new ProcessLines(process);
  try {
    let best: ClockOffset | undefined;
    for (let i = 0; i < exchanges; i++) {
      const seen = await exchange(process, { answers, clock, signal });
      signal.throwIfAborted();
      if (seen === undefined) return undefined;
      if (best === undefined || seen.rttMs < best.rttMs) best = seen;
    }
    return best;
  } finally {
    await endProcess(process);
  }
}

async function exchange(
  process: HostProcess,
  { answers, clock, signal }: { answers: ProcessLines; clock: Clock; signal: AbortSignal },
): Promise<ClockOffset | undefined> {
  const sentMs = clock.monotonicMs();
  const sentWallMs = clock.wallMs() + roundedMs;
  process.stdin.write("\n");
  const answer = await answers.next(AbortSignal.any([signal, AbortSignal.timeout(exchangeTimeoutMs)]));
  const rttMs = clock.monotonicMs() - sentMs;
  if (answer === undefined || !/^\d{19}$/.test(answer)) return undefined;
  // The host read its clock half a round trip after the request left, give or take that half.
  const offsetMs = Number(answer) / 1e6 - (sentWallMs + rttMs / 2);
  return { offsetMs, errorMs: rttMs / 2 + roundedMs, rttMs };
}
