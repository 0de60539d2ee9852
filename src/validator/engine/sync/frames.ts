import { BaleenError } from "../../../core/errors.ts";
import { describeSpeaker } from "../../../core/text/speech.ts";

/** The other side broke the protocol: the connection is closed, and opened anew later. */
export class PeerViolationError extends BaleenError {
  constructor(message: string) {
    super("peer-violation", message);
  }
}

/** One frame: [length u32][type u8][payload]; length covers type and payload. */
export interface Frame {
  readonly type: number;
  /** A view, valid until the next chunk is read. */
  readonly payload: Buffer;
}

const headBytes = 5;

/** The bytes of a frame whose payload is made of these parts; the parts are not copied. */
export function buildFrame(type: number, ...parts: readonly Uint8Array[]): Uint8Array[] {
  const head = Buffer.allocUnsafe(headBytes);
  head.writeUInt32BE(
    parts.reduce((sum, part) => sum + part.length, 1),
    0,
  );
  head.writeUInt8(type, 4);
  return [head, ...parts];
}

/** Cuts a stream of chunks into frames, holding at most one frame that is not whole. */
export class FrameReader {
  /** Type and payload; a longer frame is a violation. Counts from the next frame on. */
  largestFrameBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes without which nothing can be cut off. */
  #needed = 4;

  constructor(largestFrameBytes: number) {
    this.largestFrameBytes = largestFrameBytes;
  }

  /**
   * Yields the frames that a chunk completes. Take them all before the next chunk.
   *
   * @throws PeerViolationError on a frame of impossible length
   */
  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes);
    let at = 0;
    this.#needed = 4;
    while (at + 4 <= bytes.length) {
      const length = bytes.readUInt32BE(at);
      const largest = this.largestFrameBytes;
      if (length < 1 || length > largest) {
        const speaker = describeSpeaker(bytes.subarray(at));
        throw new PeerViolationError(
          speaker === undefined
            ? `it sent a frame of ${length} bytes; ${largest} are allowed`
            : `${speaker}, not a validator`,
        );
      }
      if (at + 4 + length > bytes.length) {
        this.#needed = 4 + length;
        break;
      }
      yield { type: bytes.readUInt8(at + 4), payload: bytes.subarray(at + headBytes, at + 4 + length) };
      at += 4 + length;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#bytes = bytes.length - at;
  }
}
