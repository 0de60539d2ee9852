/** Frames of RFC 6455, section 5: written as a client, read from a server. */

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const final = 0x80;
const masked = 0x80;
const maskBytes = 4;
const mostControlBytes = 125;

/** Why what came is no sequence of messages. */
export type FrameFault = "WS_MALFORMED" | "WS_BINARY" | "WS_MESSAGE_TOO_LARGE";

/**
 * A whole frame's head, before a payload of so many bytes. The mask is zero, which leaves the payload as it is: the
 * standard asks for one, so that scripts in browsers cannot choose what goes over the wire. Nobody here is one.
 */
export function frameHead(opcode: number, payloadBytes: number): Buffer {
  const extended = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended + maskBytes);
  head[0] = final | opcode;
  head[1] = masked | (extended === 0 ? payloadBytes : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(payloadBytes, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(payloadBytes), 2);
  return head;
}

export function buildFrame(opcode: number, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHead(opcode, payload.length), payload]);
}

export interface FrameListener {
  /** A whole text message: these bytes, gone when this returns. */
  readonly message: (bytes: Buffer, start: number, end: number) => void;
  readonly control: (opcode: number, payload: Buffer) => void;
}

/** Reads the frames of one connection as they come in, in pieces of any size. */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #largestBytes: number;
  /** Bytes of a frame that is not whole yet, as they came. */
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  /** So many bytes must be there before it is worth looking again. */
  #neededBytes = 2;
  /** What came of a message in several frames. */
  #fragments: Buffer[] | undefined;
  #fragmentsBytes = 0;

  /** @param largestBytes of a message */
  constructor(listener: FrameListener, largestBytes: number) {
    this.#listener = listener;
    this.#largestBytes = largestBytes;
  }

  /** Something of a frame, or of a message, has come, and not its end. */
  get isWithin(): boolean {
    return this.#piecesBytes > 0 || this.#fragments !== undefined;
  }

  /** Takes what was read next, the first `length` bytes. @returns why the connection cannot be used any longer */
  push(read: Buffer, length = read.length): FrameFault | undefined {
    if (this.#piecesBytes === 0) return this.#readAll(read, length);
    this.#keep(read.subarray(0, length));
    if (this.#piecesBytes < this.#neededBytes) return undefined;
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#piecesBytes = 0;
    return this.#readAll(bytes, bytes.length);
  }

  #readAll(bytes: Buffer, length: number): FrameFault | undefined {
    let at = 0;
    while (at < length) {
      const end = this.#endOfUsual(bytes, at, length);
      if (end > 0) {
        at = end;
        continue;
      }
      const taken = this.#readFrame(bytes, at, length);
      if (typeof taken === "string") return taken;
      if (taken === 0) break;
      at += taken;
    }
    if (at < length) this.#keep(bytes.subarray(at, length));
    return undefined;
  }

  /** A whole text message of 126 to 65,535 bytes, as nearly all replies are. @returns where it ends; 0: something else */
  #endOfUsual(bytes: Buffer, at: number, length: number): number {
    if (
      at + 4 > length ||
      bytes[at] !== (final | opcodes.text) ||
      bytes[at + 1] !== 126 ||
      this.#fragments !== undefined
    )
      return 0;
    const payloadBytes = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    const end = at + 4 + payloadBytes;
    if (end > length || payloadBytes > this.#largestBytes) return 0;
    this.#listener.message(bytes, at + 4, end);
    return end;
  }

  /** The bytes belong to the reader of the socket, which uses them again. */
  #keep(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
    this.#piecesBytes += bytes.length;
  }

  /** @returns how many bytes it has; 0: it is not whole */
  #readFrame(bytes: Buffer, at: number, length: number): number | FrameFault {
    const available = length - at;
    this.#neededBytes = 2;
    if (available < 2) return 0;
    const [first, second] = [bytes[at] as number, bytes[at + 1] as number];
    const short = second & 0x7f;
    if ((first & 0x70) !== 0 || (second & masked) !== 0) return "WS_MALFORMED";
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    this.#neededBytes = headBytes;
    if (available < headBytes) return 0;
    const payloadBytes =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : longLength(bytes, at + 2);
    const opcode = first & 0x0f;
    const fault = this.#faultOf({ opcode, isFinal: (first & final) !== 0, payloadBytes });
    if (fault !== undefined) return fault;
    this.#neededBytes = headBytes + payloadBytes;
    if (available < this.#neededBytes) return 0;
    this.#notify(opcode, (first & final) !== 0, bytes.subarray(at + headBytes, at + this.#neededBytes));
    return this.#neededBytes;
  }

  #faultOf(frame: { opcode: number; isFinal: boolean; payloadBytes: number }): FrameFault | undefined {
    const { opcode, isFinal, payloadBytes } = frame;
    if (opcode >= opcodes.close) {
      const isKnown = opcode <= opcodes.pong;
      return isKnown && isFinal && payloadBytes <= mostControlBytes ? undefined : "WS_MALFORMED";
    }
    if (opcode > opcodes.binary) return "WS_MALFORMED";
    if ((opcode === opcodes.continuation) !== (this.#fragments !== undefined)) return "WS_MALFORMED";
    if (opcode === opcodes.binary) return "WS_BINARY";
    return this.#fragmentsBytes + payloadBytes > this.#largestBytes ? "WS_MESSAGE_TOO_LARGE" : undefined;
  }

  #notify(opcode: number, isFinal: boolean, payload: Buffer): void {
    if (opcode >= opcodes.close) {
      this.#listener.control(opcode, payload);
      return;
    }
    if (isFinal && this.#fragments === undefined) {
      this.#listener.message(payload, 0, payload.length);
      return;
    }
    this.#fragments ??= [];
    // Empty ones cost their sender nothing, so they must not cost memory here.
    if (payload.length > 0) this.#fragments.push(Buffer.from(payload));
    this.#fragmentsBytes += payload.length;
    if (!isFinal) return;
    const message = Buffer.concat(this.#fragments);
    this.#fragments = undefined;
    this.#fragmentsBytes = 0;
    this.#listener.message(message, 0, message.length);
  }
}

/** Lengths of more than 2⁵³ are as good as that: too much in any case. */
function longLength(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

/** The status code in the payload of a close frame; 1005 where there is none, as the standard has it. */
export function closeCode(payload: Buffer): number {
  return payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
}
