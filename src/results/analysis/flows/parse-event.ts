/** Events of hosts, from lines that anybody may have written, and lines of what was emulated. */
import {
  type FlowEvent,
  longestFlowEventBytes,
  mostPacketsInBatch,
} from "../../../contracts/load/flow-events.ts";

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;
type JsonObject = Readonly<Record<string, unknown>>;

/** Of names, and of why something ended. */
const longestText = 256;
/** Of one view: routes, or links. */
const mostInView = 4096;
/** The last moment that a Date can hold. */
const lastMs = 8.64e15;

const isMoment: Check = (value) => typeof value === "number" && value >= 0 && value <= lastMs;
const isAmount: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText: Check = (value) => typeof value === "string" && value !== "" && value.length <= longestText;
const isFlag: Check = (value) => typeof value === "boolean";
const isShare: Check = (value) => isAmount(value) && (value as number) <= 1;
const oneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check, most: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check);
const tupleOf =
  (...checks: readonly Check[]): Check =>
  (value) =>
    Array.isArray(value) &&
    value.length === checks.length &&
    checks.every((check, place) => check(value[place]));
const objectOf =
  (fields: Fields): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check((value as JsonObject)[name]));

const amounts = listOf(isAmount, mostPacketsInBatch);

const fieldsOf: Readonly<Record<FlowEvent["type"], Fields>> = {
  start: {},
  sent: {
    flow: isText,
    first: isCount,
    us: amounts,
    lateUs: optional(amounts),
    size: isCount,
    refused: optional(listOf(isCount, mostPacketsInBatch)),
  },
  received: {
    flow: isText,
    way: oneOf("forth", "back"),
    packets: listOf(tupleOf(isCount, isAmount, isMoment), mostPacketsInBatch),
    size: isCount,
  },
  frame: { flow: isText, frame: isCount, outcome: oneOf("shown", "late", "incomplete") },
  program: {
    flow: isText,
    secs: isAmount,
    bytes: isCount,
    lost: optional(isCount),
    packets: optional(isCount),
    retransmits: optional(isCount),
    rttMs: optional(isAmount),
  },
  view: {
    routes: listOf(
      objectOf({ to: isText, via: optional(isText), metric: optional(isAmount), installed: isFlag }),
      mostInView,
    ),
    links: listOf(
      objectOf({ peer: isText, cost: optional(isAmount), received: optional(isShare) }),
      mostInView,
    ),
  },
  daemon: { daemon: isText, flow: optional(isText), state: oneOf("started", "ended"), why: optional(isText) },
  interfaces: { counters: listOf(tupleOf(isText, isCount, isCount, isCount, isCount), mostInView) },
};

/** What was asked of links from one moment on; they stay so until they are named again. */
export interface EmulatedChanges {
  readonly type: "links";
  /** Seconds since the start of the window. */
  readonly secs: number;
  readonly changes: readonly EmulatedChange[];
}

/** `lossRatio` 1: nothing passes. */
export type EmulatedChange = readonly [from: string, to: string, delayMs: number, lossRatio: number];

const isEmulated = objectOf({
  secs: isAmount,
  changes: listOf(tupleOf(isText, isText, isAmount, isShare), Number.POSITIVE_INFINITY),
});

const isKnown = (type: unknown): type is FlowEvent["type"] =>
  typeof type === "string" && Object.hasOwn(fieldsOf, type);

/** The event that a line of a host tells; "malformed" where it is none. */
export function parseFlowEvent(line: string): FlowEvent | "malformed" {
  const found = line.length > longestFlowEventBytes ? undefined : parseObject(line);
  return (found && readEvent(found)) ?? "malformed";
}

function readEvent({ type, at, ...found }: JsonObject): FlowEvent | undefined {
  if (!isKnown(type) || !isMoment(at)) return undefined;
  const event: Record<string, unknown> = { type, at };
  for (const [name, check] of Object.entries(fieldsOf[type])) {
    const value = found[name];
    if (!check(value)) return undefined;
    if (value !== undefined) event[name] = value;
  }
  return event as unknown as FlowEvent;
}

function parseObject(line: string): JsonObject | undefined {
  try {
    const found: unknown = JSON.parse(line);
    return typeof found === "object" && found !== null ? (found as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** An event in the file of a bundle, with the node that told it. */
export const formatFlowEvent = (node: string, event: FlowEvent): string => JSON.stringify({ node, ...event });

/** What a line of that file is. @throws TypeError naming what is wrong */
export function parseRecordedFlowLine(
  line: string,
): { readonly node: string; readonly event: FlowEvent } | EmulatedChanges {
  const found = parseObject(line);
  if (found?.type === "links" && isEmulated(found)) return found as unknown as EmulatedChanges;
  const [node, event] = [found?.node, found && readEvent(found)];
  if (event !== undefined && typeof node === "string") return { node, event };
  throw new TypeError(`it is not an event of a host: ${line.slice(0, 80)}`);
}
