import {
  type BlockRef,
  copyBytes,
  largestBlockBytes,
  readRef,
  readUint64,
  refBytes,
  writeRef,
  writeUint64,
} from "../consensus/block.ts";
import { buildFrame, type Frame, PeerViolationError } from "./frames.ts";

/** What validators tell each other once they know who they are. */
export type Message =
  /** Send own blocks from this round on, at most `credit` of them until the next such message. */
  | { readonly type: "subscribe"; readonly fromRound: number; readonly credit: number }
  /** One encoded block. */
  | { readonly type: "block"; readonly encoded: Buffer }
  | { readonly type: "request"; readonly refs: readonly BlockRef[] }
  /**
   * Asks for an author's blocks of rounds `from` to `to`. The answer is blocks, then a `missing` with one ref to that
   * author, whose round is one above the highest held and whose digest is zero.
   */
  | { readonly type: "range"; readonly author: number; readonly from: number; readonly to: number }
  | { readonly type: "missing"; readonly refs: readonly BlockRef[] };

/** Refs in one request, and blocks in one answer, at most. */
export const mostRefsPerRequest = 100;

/** Largest frame once the handshake is done. */
export const largestMessageBytes = largestBlockBytes + 1;

export const frameTypes = {
  hello: 1,
  proof: 2,
  subscribe: 3,
  block: 4,
  request: 5,
  range: 6,
  missing: 7,
  /** Nothing but a sign of life, without a payload: no message. */
  alive: 8,
} as const;

/** Encodes a message as one frame. */
export function encodeMessage(message: Message): Uint8Array[] {
  switch (message.type) {
    case "subscribe": {
      const bytes = Buffer.allocUnsafe(12);
      writeUint64(bytes, 0, message.fromRound);
      bytes.writeUInt32BE(message.credit, 8);
      return buildFrame(frameTypes.subscribe, bytes);
    }
    case "block":
      return buildFrame(frameTypes.block, message.encoded);
    case "request":
    case "missing": {
      const bytes = Buffer.allocUnsafe(message.refs.length * refBytes);
      let at = 0;
      for (const ref of message.refs) at = writeRef(bytes, at, ref);
      return buildFrame(frameTypes[message.type], bytes);
    }
    case "range": {
      const bytes = Buffer.allocUnsafe(18);
      bytes.writeUInt16BE(message.author, 0);
      writeUint64(bytes, 2, message.from);
      writeUint64(bytes, 10, message.to);
      return buildFrame(frameTypes.range, bytes);
    }
  }
}

/**
 * Reads a frame. Refs are views of it.
 *
 * @throws PeerViolationError where it is no message
 */
export function decodeMessage({ type, payload }: Frame): Message {
  switch (type) {
    case frameTypes.block:
      return { type: "block", encoded: copyBytes(payload) };
    case frameTypes.subscribe:
      if (payload.length !== 12) break;
      return { type: "subscribe", fromRound: readRound(payload, 0), credit: payload.readUInt32BE(8) };
    case frameTypes.request:
      return { type: "request", refs: readRefs(payload) };
    case frameTypes.missing:
      return { type: "missing", refs: readRefs(payload) };
    case frameTypes.range:
      if (payload.length !== 18) break;
      return {
        type: "range",
        author: payload.readUInt16BE(0),
        from: readRound(payload, 2),
        to: readRound(payload, 10),
      };
  }
  throw new PeerViolationError(
    `it sent a message of type ${type} and ${payload.length} bytes, which is none`,
  );
}

function readRefs(payload: Buffer): BlockRef[] {
  const count = payload.length / refBytes;
  if (!Number.isInteger(count) || count > mostRefsPerRequest) {
    throw new PeerViolationError(`it sent a list of refs of ${payload.length} bytes`);
  }
  return Array.from({ length: count }, (_, i) => {
    const ref = readRef(payload, i * refBytes);
    if (ref === undefined) throw new PeerViolationError("it sent a ref to an impossible round");
    return ref;
  });
}

function readRound(payload: Buffer, offset: number): number {
  const round = readUint64(payload, offset);
  if (round === undefined) throw new PeerViolationError("it sent an impossible round");
  return round;
}
