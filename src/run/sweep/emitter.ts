import type { BaleenEvent, Emit, EventBody, PassingBody } from "../../contracts/events.ts";
import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import type { Clock } from "../../core/clock.ts";

export type EventListener = (event: BaleenEvent) => void;

export type Watcher = (body: PassingBody) => void;

const passing: ReadonlySet<string> = new Set<PassingBody["type"]>(["image-transfer", "node-heights"]);
const isPassing = (body: EventBody): body is PassingBody => passing.has(body.type);

interface EmitterOptions {
  readonly run: string;
  readonly clock: Clock;
  /** By source; default 0. Of a sweep that is continued, where it stopped. */
  readonly firstSeqs?: ReadonlyMap<string, number> | undefined;
}

/** Puts what is emitted into envelopes, counted, and hands them to all listeners in order; what passes, to watchers. */
export function openEmitter(
  { run, clock, firstSeqs }: EmitterOptions,
  listeners: readonly EventListener[],
  watchers: readonly Watcher[],
): Emit {
  const next = new Map(firstSeqs);
  return (body, source = coordinatorName) => {
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
