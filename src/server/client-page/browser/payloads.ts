/** What routines send: a letter for the sort, and the rest. Little-endian. Pure. */
import { envelopeBytes } from "./envelope.ts";
import type { Position } from "./routines/routine.ts";

const sorts = { position: 1, profile: 2, chat: 3 } as const;

const sortBytes = 1;
/** Place and rotation as seven floats, padded to what the protocol buffers of a virtual world take: 46, envelope included. */
const positionBytes = 46 - envelopeBytes;

export function encodePosition(position: Position): Uint8Array {
  const view = new DataView(new ArrayBuffer(positionBytes));
  view.setUint8(0, sorts.position);
  for (const [at, value] of position.entries()) view.setFloat32(sortBytes + 4 * at, value, true);
  return new Uint8Array(view.buffer);
}

/** @returns undefined where it is not a position */
export function decodePosition(payload: Uint8Array): Position | undefined {
  if (payload.length !== positionBytes || payload[0] !== sorts.position) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const at = (index: number) => view.getFloat32(sortBytes + 4 * index, true);
  return [at(0), at(1), at(2)];
}

/** @param bytes of the whole; the text is cut or padded */
export function encodeText(sort: "profile" | "chat", text: string, bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes);
  payload[0] = sorts[sort];
  payload.set(new TextEncoder().encode(text).subarray(0, bytes - sortBytes), sortBytes);
  return payload;
}
