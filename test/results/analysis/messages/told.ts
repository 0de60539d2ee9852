import type { PeerEvent } from "../../../../src/contracts/load/peer-events.ts";
import { type MessageUse, messageFigures } from "../../../../src/results/analysis/messages/figures.ts";
import { MessageRecord } from "../../../../src/results/analysis/messages/record.ts";

export const startMs = 1_700_000_000_000;

/** Figures of what peers told, in a window of 10 s that was observed for 12; times of events are from its start. */
export function figuresOf(
  told: Readonly<Record<string, readonly PeerEvent[]>>,
  use: Partial<MessageUse> = {},
) {
  const record = new MessageRecord(Object.keys(told));
  for (const [node, events] of Object.entries(told)) {
    for (const event of events) {
      const due = event.type === "write" && event.due !== undefined ? { due: event.due + startMs } : {};
      record.add(node, { ...event, at: event.at + startMs, ...due });
    }
  }
  return messageFigures(record, {
    startMs,
    lengthSecs: 10,
    observedSecs: 12,
    clocks: new Map(),
    down: new Set(),
    disturbances: [],
    capacities: () => [],
    facts: () => ({}),
    helpers: [],
    ...use,
  });
}

export const write = (at: number, id: string, due = at, size = 100): PeerEvent => ({
  type: "write",
  at,
  id,
  due,
  size,
});
export const read = (at: number, from: string, id: string): PeerEvent => ({ type: "read", at, from, id });
