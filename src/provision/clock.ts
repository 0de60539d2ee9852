import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Host, HostProcess } from "../contracts/host.ts";
import { withinMs } from "../core/async.ts";
import type { Clock } from "../core/clock.ts";
import { endProcess } from "./end-process.ts";

/** How far a host's wall clock is from this machine's. */
export interface ClockOffset {
  /** Host minus this machine. */
  readonly offsetMs: number;
  /** The true offset lies within offsetMs ± errorMs: half the round trip. */
  readonly errorMs: number;
  /** Shortest round trip seen. */
  readonly rttMs: number;
}

const exchanges = 8;
const exchangeTimeoutMs = 10_000;
/** Says the time for each line that comes; `date` is started anew each time, which the round trip includes. */
const sayTime = "while read -r line; do date +%s%N || echo; done";

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
  const answers = createInterface({ input: process.stdout });
  try {
    let best: ClockOffset | undefined;
    for (let i = 0; i < exchanges; i++) {
      const seen = await exchange(process, { answers, clock });
      signal.throwIfAborted();
      if (seen === undefined) return undefined;
      if (best === undefined || seen.rttMs < best.rttMs) best = seen;
    }
    return best;
  } finally {
    answers.close();
    await endProcess(process);
  }
}

async function exchange(
  process: HostProcess,
  { answers, clock }: { answers: ReturnType<typeof createInterface>; clock: Clock },
): Promise<ClockOffset | undefined> {
  const answered = once(answers, "line").then(([line]) => ({
    line: String(line),
    backMs: clock.monotonicMs(),
  }));
  const ended = process.ended.then(() => undefined);
  const sentMs = clock.monotonicMs();
  const sentWallMs = clock.wallMs();
  process.stdin.write("\n");
  const answer = await withinMs(exchangeTimeoutMs, Promise.race([answered, ended]));
  if (answer === undefined || !/^\d{19}$/.test(answer.line)) return undefined;
  const rttMs = answer.backMs - sentMs;
  // The host read its clock half a round trip after the request left, give or take that half.
  const offsetMs = Number(answer.line) / 1e6 - (sentWallMs + rttMs / 2);
  return { offsetMs, errorMs: rttMs / 2, rttMs };
}
