/** Events of peers, from lines that anybody may have written. */
import { longestEventBytes, longestIdBytes, type PeerEvent } from "../../../contracts/load/peer-events.ts";

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;
type JsonObject = Readonly<Record<string, unknown>>;

/** The last moment that a Date can hold. */
const lastMs = 8.64e15;

const isMoment: Check = (value) => typeof value === "number" && value >= 0 && value <= lastMs;
const isAmount: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isWord: Check = (value) => typeof value === "string" && /^[\x20-\x7e]+$/.test(value);
const isId: Check = (value) => isWord(value) && (value as string).length <= longestIdBytes;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const connection: Fields = { peer: isId };

const fieldsOf: Readonly<Record<PeerEvent["type"], Fields>> = {
  start: { flavour: optional(isId) },
  write: { id: isId, due: optional(isMoment), size: isCount },
  read: { id: isId, from: isId },
  probe: {
    op: (value) => value === "read" || value === "write" || value === "fresh",
    ok: (value) => typeof value === "boolean",
    ms: isAmount,
  },
  connect: connection,
  disconnect: connection,
  bytes: { peer: isId, sent: isCount, received: isCount },
  state: { bytes: isCount },
};

const isKnown = (type: unknown): type is PeerEvent["type"] =>
  typeof type === "string" && Object.hasOwn(fieldsOf, type);

/** The event that a line tells; "malformed" where it should be one; undefined for other lines, which logs may have. */
export function parseEvent(line: string): PeerEvent | "malformed" | undefined {
  if (!line.startsWith("{")) return undefined;
  const found = parseObject(line);
  return found === undefined ? "malformed" : readEvent(found);
}

function readEvent({ type, at, ...found }: JsonObject): PeerEvent | "malformed" | undefined {
  if (!isKnown(type)) return undefined;
  if (!isMoment(at)) return "malformed";
  const event: Record<string, unknown> = { type, at };
  const fields = fieldsOf[type];
  for (const name in fields) {
    const value = found[name];
    if (!fields[name]?.(value)) return "malformed";
    if (value !== undefined) event[name] = value;
  }
  return event as unknown as PeerEvent;
}

/** undefined for what is none, or longer than an event may be. */
function parseObject(line: string): JsonObject | undefined {
  if (line.length > longestEventBytes) return undefined;
  try {
    return JSON.parse(line) as JsonObject;
  } catch {
    return undefined;
  }
}

/** An event in the file of a bundle, with the node that told it. */
export const formatEvent = (node: string, event: PeerEvent): string => JSON.stringify({ node, ...event });

/** The inverse. @throws TypeError naming what is wrong */
export function parseRecordedEvent(line: string): { readonly node: string; readonly event: PeerEvent } {
  const found = line.startsWith("{") ? parseObject(line) : undefined;
  const [node, event] = [found?.node, found && readEvent(found)];
  if (event === undefined || event === "malformed" || typeof node !== "string") {
    throw new TypeError(`it is not an event of a peer: ${line.slice(0, 80)}`);
  }
  return { node, event };
}
