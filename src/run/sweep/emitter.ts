import type { BaleenEvent, Emit, EventBody, PassingBody } from "../../contracts/events.ts";
import type { Clock } from "../../core/clock.ts";

export type EventListener = (event: BaleenEvent) => void;

export type Watcher = (body: PassingBody) => void;

const passing: ReadonlySet<string> = new Set<PassingBody["type"]>(["image-transfer", "node-heights"]);
const isPassing = (body: EventBody): body is PassingBody => passing.has(body.type);

/** Puts what is emitted into envelopes, counted, and hands them to all listeners in order; what passes, to watchers. */
export function openEmitter(
  envelope: {
    readonly run: string;
    readonly source: string;
    readonly clock: Clock;
    /** By source; default 0. Of a sweep that is continued, where it stopped. */
    readonly firstSeqs?: ReadonlyMap<string, number> | undefined;
  },
  listeners: readonly EventListener[],
  watchers: readonly Watcher[] = [],
): Emit {
  const { run, clock } = envelope;
  const next = new Map(envelope.firstSeqs);
  return (body, source = envelope.source) => {
    if (isPassing(body)) {
      for (const watcher of watchers) watcher(body);
      return;
    }
    const t = new Date(clock.wallMs()).toISOString();
    const seq = next.get(source) ?? 0;
    next.set(source, seq + 1);
    const event: BaleenEvent = { ...body, v: 1, run, source, seq, t };
    for (const listener of listeners) listener(event);
  };
}
