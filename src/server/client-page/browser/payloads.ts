/** What routines send: a letter for the sort, when it was sent, and the rest. Little-endian. Pure. */
import type { Position } from "./routines/routine.ts";

const sorts = { position: 1, profile: 2, chat: 3 } as const;

/** Sort and time. */
const headBytes = 9;
/** Place and rotation as seven floats, padded to what the protocol buffers of a virtual world take. */
const positionBytes = 46;

function begin(sort: keyof typeof sorts, bytes: number): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint8(0, sorts[sort]);
  view.setFloat64(1, Date.now(), true);
  return view;
}

export function encodePosition(position: Position): Uint8Array {
  const view = begin("position", positionBytes);
  for (const [at, value] of position.entries()) view.setFloat32(headBytes + 4 * at, value, true);
  return new Uint8Array(view.buffer);
}

/** @returns undefined where it is not a position */
export function decodePosition(payload: Uint8Array): Position | undefined {
  if (payload.length !== positionBytes || payload[0] !== sorts.position) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const at = (index: number) => view.getFloat32(headBytes + 4 * index, true);
  return [at(0), at(1), at(2)];
}

/** @param bytes of the whole; the text is cut or padded */
export function encodeText(sort: "profile" | "chat", text: string, bytes: number): Uint8Array {
  const payload = new Uint8Array(begin(sort, bytes).buffer);
  payload.set(new TextEncoder().encode(text).subarray(0, bytes - headBytes), headBytes);
  return payload;
}
