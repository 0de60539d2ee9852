import { type BlockRef, encodeRefs, largestBlockBytes, readRef, refBytes } from "../consensus/block.ts";
import { copyBytes, readUint64, uint16, uint32, uint64 } from "../consensus/bytes.ts";
import type { CheckpointSummary } from "../consensus/checkpoint.ts";
import { buildFrame, type Frame, PeerViolationError } from "./frames.ts";

/** What validators tell each other once they know who they are. */
export type Message =
  /**
   * Send own blocks from this round on, or go on where `fromRound` is 0: at most `credit` of them until the next such
   * message.
   */
  | { readonly type: "subscribe"; readonly fromRound: number; readonly credit: number }
  | { readonly type: "block"; readonly encoded: Buffer }
  | { readonly type: "request"; readonly refs: readonly BlockRef[] }
  /**
   * Asks for an author's blocks of rounds `from` to `to`. The answer is blocks, then a `missing` with one ref to that
   * author, whose round is one above the highest held and whose digest is zero.
   */
  | { readonly type: "range"; readonly author: number; readonly from: number; readonly to: number }
  | { readonly type: "missing"; readonly refs: readonly BlockRef[] }
  | CheckpointMessage;

/** What validators tell each other to start from a state instead of from blocks. */
export type CheckpointMessage =
  /** Blocks above `oldestHeight` are held, and the states of these heights, ascending. */
  | {
      readonly type: "checkpoints";
      readonly oldestHeight: number;
      readonly entries: readonly CheckpointSummary[];
    }
  | { readonly type: "checkpointRequest"; readonly height: number; readonly offset: number }
  /** Bytes of a state from `offset` on: as many as fit, none where it is not held any more. */
  | {
      readonly type: "checkpointPart";
      readonly height: number;
      readonly offset: number;
      readonly bytes: Buffer;
    };

/** Refs in one request, and blocks in one answer, at most. */
export const mostRefsPerRequest = 100;

/** States told in one message. */
export const mostCheckpoints = 64;

/** Bytes of a state in one message. */
export const largestPartBytes = 1024 * 1024;

/** Height, state hash, size. */
const entryBytes = 8 + 32 + 8;

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
  checkpoints: 9,
  checkpointRequest: 10,
  checkpointPart: 11,
} as const;

export function encodeMessage(message: Message): Uint8Array[] {
  return buildFrame(frameTypes[message.type], ...encodePayload(message));
}

function encodePayload(message: Message): Uint8Array[] {
  switch (message.type) {
    case "subscribe":
      return [uint64(message.fromRound), uint32(message.credit)];
    case "block":
      return [message.encoded];
    case "request":
    case "missing":
      return [encodeRefs(message.refs)];
    case "range":
      return [uint16(message.author), uint64(message.from), uint64(message.to)];
    case "checkpoints": {
      const entries = message.entries.flatMap((entry) => {
        return [uint64(entry.height), entry.stateHash, uint64(entry.sizeBytes)];
      });
      return [Buffer.concat([uint64(message.oldestHeight), ...entries])];
    }
    case "checkpointRequest":
      return [uint64(message.height), uint64(message.offset)];
    case "checkpointPart":
      return [uint64(message.height), uint64(message.offset), message.bytes];
  }
}

/**
 * Reads a frame. Refs and the bytes of a state are views of it.
 *
 * @throws PeerViolationError where it is no message
 */
export function decodeMessage({ type, payload }: Frame): Message {
  switch (type) {
    case frameTypes.block:
      return { type: "block", encoded: copyBytes(payload) };
    case frameTypes.subscribe:
      if (payload.length !== 12) break;
      return { type: "subscribe", fromRound: readNumber(payload, 0), credit: payload.readUInt32BE(8) };
    case frameTypes.request:
      return { type: "request", refs: readRefs(payload) };
    case frameTypes.missing:
      return { type: "missing", refs: readRefs(payload) };
    case frameTypes.range:
      if (payload.length !== 18) break;
      return {
        type: "range",
        author: payload.readUInt16BE(0),
        from: readNumber(payload, 2),
        to: readNumber(payload, 10),
      };
    case frameTypes.checkpoints: {
      const count = (payload.length - 8) / entryBytes;
      if (!Number.isInteger(count) || count < 0 || count > mostCheckpoints) break;
      return { type: "checkpoints", oldestHeight: readNumber(payload, 0), entries: readEntries(payload) };
    }
    case frameTypes.checkpointRequest:
      if (payload.length !== 16) break;
      return { type: "checkpointRequest", ...readPlace(payload) };
    case frameTypes.checkpointPart:
      if (payload.length < 16 || payload.length > 16 + largestPartBytes) break;
      return { type: "checkpointPart", ...readPlace(payload), bytes: payload.subarray(16) };
  }
  throw new PeerViolationError(
    `it sent a message of type ${type} and ${payload.length} bytes, which is invalid`,
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

function readNumber(payload: Buffer, offset: number): number {
  const value = readUint64(payload, offset);
  if (value === undefined) throw new PeerViolationError("it sent an impossible number");
  return value;
}

function readEntries(payload: Buffer): CheckpointSummary[] {
  const entries: CheckpointSummary[] = [];
  for (let at = 8; at < payload.length; at += entryBytes) {
    const height = readNumber(payload, at);
    if (height <= (entries.at(-1)?.height ?? 0)) {
      throw new PeerViolationError("it sent a list of states whose heights do not ascend");
    }
    entries.push({
      height,
      stateHash: copyBytes(payload.subarray(at + 8, at + 40)),
      sizeBytes: readNumber(payload, at + 40),
    });
  }
  return entries;
}

function readPlace(payload: Buffer): { height: number; offset: number } {
  return { height: readNumber(payload, 0), offset: readNumber(payload, 8) };
}

/** Whether a message is about states, not blocks. */
export function isCheckpointMessage(message: Message): message is CheckpointMessage {
  const { type } = message;
  return type === "checkpoints" || type === "checkpointRequest" || type === "checkpointPart";
}
