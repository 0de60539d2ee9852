/** Messages by kind, as further figures of a data point. Pure. */
import { extraNames } from "../../../contracts/peer-tests/bounds.ts";
import type { KindCounts } from "./simulated-peer.ts";

/**
 * "messagesSentChat" and "messagesReceivedChat" for the kind "chat"; a figure that is 0 is left out. Copies count as
 * received. Kinds whose name cannot stand there are left out, and so are the last figures where there are too many.
 */
export function kindFigures(kinds: ReadonlyMap<string, KindCounts>, most: number): Record<string, number> {
  const figures = [...kinds].flatMap(([kind, { sent, delivered, repeated }]) => [
    [capitalized("messagesSent", kind), sent] as const,
    [capitalized("messagesReceived", kind), delivered + repeated] as const,
  ]);
  const told = figures.filter(([name, value]) => value > 0 && extraNames.test(name));
  return Object.fromEntries(told.slice(0, most));
}

/** "webrtc" and "bytesSent" are "webrtcBytesSent". */
export const capitalized = (prefix: string, name: string): string =>
  `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
