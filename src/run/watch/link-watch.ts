import type { Network } from "../../contracts/deployment.ts";
import type { Emit, EventBody } from "../../contracts/events.ts";
import type { LinkGap, RunLinks } from "../../contracts/nodes/links.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";

interface Gap {
  readonly host: string;
  readonly reason: string;
  readonly lostMs: number;
  restoredMs?: number;
  givenUp: boolean;
}

/** Keeps what a network tells of the connections to its hosts, so that a run can say which gaps fell into it. */
export class LinkWatch {
  readonly #clock: Clock;
  readonly #gaps: Gap[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Listens to all events; those of other kinds are nothing to it. */
  observe(body: EventBody): void {
    if (body.type !== "host-link") return;
    const nowMs = this.#clock.monotonicMs();
    const { host } = body;
    const open = this.#gaps.find((gap) => gap.host === host && gap.restoredMs === undefined);
    if (body.state === "restored") {
      if (open !== undefined) open.restoredMs = nowMs;
      return;
    }
    const givenUp = body.state === "given-up";
    if (open === undefined) this.#gaps.push({ host, reason: body.reason, lostMs: nowMs, givenUp });
    else open.givenUp ||= givenUp;
  }

  /** Gaps of which a part came after `fromMs`, told from the window's start; both on the monotonic clock. */
  gaps({ fromMs, windowMs }: { readonly fromMs: number; readonly windowMs: number }): LinkGap[] {
    return this.#gaps
      .filter(({ restoredMs }) => restoredMs === undefined || restoredMs > fromMs)
      .map(({ host, reason, lostMs, restoredMs, givenUp }) => ({
        host,
        lostSecs: (lostMs - windowMs) / 1000,
        lengthSecs: restoredMs === undefined ? undefined : (restoredMs - lostMs) / 1000,
        reason,
        givenUp,
      }));
  }
}

/** Longest wait for the measurement of links: a run is not held up by one host that is slow to answer. */
const measureTimeoutMs = 20_000;

interface LinkContext {
  readonly network: Network;
  readonly emit: Emit;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly signal: AbortSignal;
}

/**
 * Measures the hosts' links before and after a piece of work, so that nothing of it falls into the work. What cannot be
 * measured is left out and told as a warning.
 * @returns what the work gave, and the links, where the network has any
 */
export async function betweenLinks<T>(
  { network, emit, clock, signal }: LinkContext,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly links: RunLinks | undefined }> {
  const measure = async () => {
    try {
      return await network.measureLinks?.(AbortSignal.any([signal, AbortSignal.timeout(measureTimeoutMs)]));
    } catch (error) {
      signal.throwIfAborted();
      const message = `Clocks and round trips of the hosts could not be measured: ${describeError(error)}`;
      emit({ type: "warning", message });
      return undefined;
    }
  };
  const before = await measure();
  const measuredMs = clock.monotonicMs();
  const value = await work();
  const after = await measure();
  if (before === undefined || after === undefined) {
    return { value, links: before === undefined && after === undefined ? undefined : { before, after } };
  }
  return { value, links: { before, after, betweenSecs: (clock.monotonicMs() - measuredMs) / 1000 } };
}
