import type { FlowEvent, FlowWay, ViewedLink } from "../../../../src/contracts/load/flow-events.ts";
import type { PlannedFlow } from "../../../../src/contracts/load/flows.ts";
import { type FlowUse, flowsFigures } from "../../../../src/results/analysis/flows/figures.ts";
import { type EmulatedChange, formatFlowEvent } from "../../../../src/results/analysis/flows/parse-event.ts";
import { FlowRecord } from "../../../../src/results/analysis/flows/record.ts";

export const startMs = 1_700_000_000_000;

export type Told = Readonly<Record<string, readonly FlowEvent[]>>;

/** What was emulated: seconds, and what changed then. */
export type Emulated = readonly (readonly [secs: number, ...changes: EmulatedChange[]])[];

export const planned = (plan: Partial<PlannedFlow> = {}): PlannedFlow => ({
  name: "alice",
  kind: "udp",
  from: "a",
  to: "b",
  reflects: false,
  perSec: 10,
  sizeBytes: 100,
  ...plan,
});

/** Lines of a bundle's file, times of events being from the window's start. */
export const linesOf = (told: Told, emulated: Emulated = []): string[] => [
  ...emulated.map(([secs, ...changes]) => JSON.stringify({ type: "links", secs, changes })),
  ...Object.entries(told).flatMap(([node, events]) =>
    events.map((event) => formatFlowEvent(node, onClock(event))),
  ),
];

function onClock(event: FlowEvent): FlowEvent {
  const at = event.at + startMs;
  if (event.type !== "received") return { ...event, at };
  return { ...event, at, packets: event.packets.map(([one, us, sentAt]) => [one, us, sentAt + startMs]) };
}

interface Asked extends Partial<FlowUse> {
  readonly flows?: readonly PlannedFlow[];
  readonly emulated?: Emulated;
}

/** Figures of a window of 10 s that was observed for 12, of what is read from a bundle's lines. */
export function figuresOf(told: Told, { flows = [planned()], emulated, ...use }: Asked = {}) {
  const record = new FlowRecord(Object.keys(told), flows);
  for (const line of linesOf(told, emulated)) record.addRecorded(line);
  return flowsFigures(record, {
    startMs,
    lengthSecs: 10,
    observedSecs: 12,
    clocks: new Map(),
    network: "scripted",
    hasView: true,
    gapOf: () => undefined,
    captures: [],
    ...use,
  });
}

/** Packets of one batch, by when each was sent, which takes 0 of its schedule. */
export function sent(first: number, atMs: readonly number[], flow = "alice", size = 100): FlowEvent {
  const at = atMs[0] ?? 0;
  const us = atMs.map((ms) => Math.round((ms - at) * 1000));
  return { type: "sent", at, flow, first, us, lateUs: us.map(() => 0), size };
}

export type Arrival = readonly [sequence: number, atMs: number, sentAtMs: number];

export function received(arrivals: readonly Arrival[], way: FlowWay = "forth", flow = "alice"): FlowEvent {
  const at = Math.min(...arrivals.map(([, ms]) => ms));
  const packets = arrivals.map(([one, ms, sentAt]) => [one, Math.round((ms - at) * 1000), sentAt] as const);
  return { type: "received", at, flow, way, packets, size: 100 };
}

/** Routes as "to>via", all in use. */
export const view = (
  at: number,
  routes: readonly string[],
  links: readonly ViewedLink[] = [],
): FlowEvent => ({
  type: "view",
  at,
  routes: routes.map((route) => {
    const [to = "", via = ""] = route.split(">");
    return { to, via, metric: 96, installed: true };
  }),
  links,
});
