import type { BaleenEvent, Emit } from "../contracts/events.ts";
import type { Clock } from "../core/clock.ts";

export type EventListener = (event: BaleenEvent) => void;

/** Puts what is emitted into envelopes, counted, and hands them to all listeners in order. */
export function openEmitter(
  envelope: {
    readonly run: string;
    readonly source: string;
    readonly clock: Clock;
    /** Default 0; of a sweep that is continued, where it stopped. */
    readonly firstSeq?: number;
  },
  listeners: readonly EventListener[],
): Emit {
  const { run, source, clock } = envelope;
  let seq = envelope.firstSeq ?? 0;
  return (body) => {
    const t = new Date(clock.wallMs()).toISOString();
    const event: BaleenEvent = { ...body, v: 1, run, source, seq, t };
    seq += 1;
    for (const listener of listeners) listener(event);
  };
}
