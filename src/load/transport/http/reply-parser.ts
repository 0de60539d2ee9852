import type { ByteRange } from "../../../contracts/load/commits.ts";
import { BytePattern } from "../../../core/byte-pattern.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { findForeignSpeech, parseReplyHead, type ReplyFault, type ReplyHead } from "./reply-head.ts";

/** Who takes replies. */
export interface ReplyListener {
  /**
   * One whole reply, in the order of the requests.
   *
   * @param bytes hold its body at `range`; they and the range are gone when this returns
   */
  readonly onReply: (status: number, bytes: Buffer, range: ByteRange) => void;
  /** Requests that a reply is still owed to. A reply that nobody waits for breaks the connection. */
  readonly awaited: () => number;
}

export interface ReplyLimits {
  readonly headBytes: number;
  readonly bodyBytes: number;
}

const endOfHead = Buffer.from("\r\n\r\n");
const nothing = Buffer.alloc(0);

/**
 * Reads the replies of one connection as they come in, in pieces of any size.
 *
 * Most replies have the same head as the one before: that is recognized by comparing bytes, without parsing.
 */
export class ReplyParser {
  readonly #listener: ReplyListener;
  readonly #limits: ReplyLimits;
  /** Bytes of a head, or of a short body, that are not whole yet. */
  #rest: Buffer = nothing;
  /** The head of the reply that is being read, where it is whole. */
  #head: ReplyHead | undefined;
  #lastHead: BytePattern | undefined;
  #lastParsed: ReplyHead | undefined;
  #chunked: ChunkedBody | undefined;
  /** Of a body that ends with the connection, or comes in many pieces. */
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  /** The peer said that the last whole reply was its last one here. */
  closing = false;
  /** Used again for every reply. */
  readonly #range = { start: 0, end: 0 };

  constructor(listener: ReplyListener, limits: ReplyLimits) {
    this.#listener = listener;
    this.#limits = limits;
  }

  /** How long the server keeps an idle connection, as its last reply said. */
  get keepAliveMs(): number | undefined {
    return this.#lastParsed?.keepAliveMs;
  }

  /** Takes what was read next, the first `length` bytes. @returns why the connection cannot be used any longer */
  push(read: Buffer, length: number): ReplyFault | undefined {
    let bytes = read;
    let end = length;
    if (this.#rest.length > 0) {
      bytes = Buffer.concat([this.#rest, read.subarray(0, length)]);
      end = bytes.length;
      this.#rest = nothing;
    }
    for (let place = 0; place < end; ) {
      if (this.#head === undefined) {
        if (this.closing || this.#listener.awaited() === 0) return "HTTP_UNEXPECTED";
        const taken = this.#isLastHead(bytes, place, end)
          ? (this.#lastHead?.length ?? 0)
          : this.#takeHead(bytes.subarray(place, end));
        if (typeof taken === "string") return taken;
        if (taken === 0) return undefined;
        place += taken;
        if (this.#head === undefined) continue; // an interim reply
      }
      const taken = this.#takeBody(bytes, place, end);
      if (typeof taken === "string") return taken;
      place += taken;
    }
    this.#finishEmptyBody();
    return undefined;
  }

  /** The peer closed its side. @returns a fault where it did so within a reply */
  end(): ReplyFault | undefined {
    if (this.#head?.body.kind === "close") {
      this.#finishWhole(Buffer.concat(this.#pieces));
      return undefined;
    }
    return this.#head !== undefined || this.#rest.length > 0 ? "HTTP_TRUNCATED" : undefined;
  }

  /** Most replies have the very head of the one before. */
  #isLastHead(bytes: Buffer, start: number, end: number): boolean {
    const last = this.#lastHead;
    if (last === undefined || end - start < last.length || !last.standsIn(bytes, start)) return false;
    this.#head = this.#lastParsed;
    return true;
  }

  /** @returns bytes of the head; 0 where it is not whole, and was kept */
  #takeHead(bytes: Buffer): number | ReplyFault {
    const end = bytes.indexOf(endOfHead);
    if (end < 0 || end > this.#limits.headBytes) {
      if (bytes.length > this.#limits.headBytes) return "HTTP_HEAD_TOO_LARGE";
      if (!couldBegin(bytes)) return findForeignSpeech(bytes) ?? "HTTP_MALFORMED";
      this.#rest = Buffer.from(bytes);
      return 0;
    }
    const length = end + endOfHead.length;
    const parsed = parseReplyHead(bytes.toString("latin1", 0, end));
    if (parsed === undefined) return "HTTP_MALFORMED";
    if (parsed.status < 200) return parsed.status === 101 ? "HTTP_UNEXPECTED" : length;
    if (parsed.body.kind === "length" && parsed.body.bytes > this.#limits.bodyBytes)
      return "HTTP_BODY_TOO_LARGE";
    this.#lastHead = new BytePattern(Buffer.from(bytes.subarray(0, length)));
    this.#lastParsed = parsed;
    this.#head = parsed;
    return length;
  }

  /** @returns bytes taken */
  #takeBody(bytes: Buffer, start: number, end: number): number | ReplyFault {
    const body = this.#head?.body;
    if (body === undefined) return 0;
    if (body.kind === "length") {
      const missing = body.bytes - this.#piecesBytes;
      if (end - start < missing) return this.#keep(bytes.subarray(start, end));
      if (this.#pieces.length === 0) this.#finish(bytes, start, start + missing);
      else this.#finishWhole(Buffer.concat([...this.#pieces, bytes.subarray(start, start + missing)]));
      return missing;
    }
    if (body.kind === "close") return this.#keep(bytes.subarray(start, end));
    this.#chunked ??= new ChunkedBody(this.#limits.bodyBytes);
    const chunked = this.#chunked;
    const taken = chunked.push(bytes.subarray(start, end));
    if (typeof taken !== "string" && chunked.ended) this.#finishWhole(chunked.body());
    return taken;
  }

  /** A body without bytes is whole as soon as its head is. */
  #finishEmptyBody(): void {
    if (this.#head?.body.kind === "length" && this.#head.body.bytes === 0) this.#finishWhole(nothing);
  }

  #keep(bytes: Buffer): number | ReplyFault {
    this.#piecesBytes += bytes.length;
    if (this.#piecesBytes > this.#limits.bodyBytes) return "HTTP_BODY_TOO_LARGE";
    this.#pieces.push(Buffer.from(bytes));
    return bytes.length;
  }

  #finishWhole(body: Buffer): void {
    this.#finish(body, 0, body.length);
  }

  #finish(bytes: Buffer, start: number, end: number): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = undefined;
    if (this.#piecesBytes > 0) this.#pieces = [];
    this.#piecesBytes = 0;
    this.#chunked = undefined;
    if (head.closes) this.closing = true;
    this.#range.start = start;
    this.#range.end = end;
    this.#listener.onReply(head.status, bytes, this.#range);
  }
}

/** What is no beginning of a reply need not be waited for to its end. */
function couldBegin(bytes: Buffer): boolean {
  const beginning = "HTTP/1.";
  return beginning.startsWith(bytes.toString("latin1", 0, Math.min(bytes.length, beginning.length)));
}
