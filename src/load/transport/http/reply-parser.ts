import { ChunkedBody } from "./chunked-body.ts";
import { parseReplyHead, type ReplyFault, type ReplyHead } from "./reply-head.ts";

/** Who takes replies. */
export interface ReplyListener {
  /**
   * One whole reply, in the order of the requests.
   *
   * @param body shares the bytes that were read: gone when this returns
   */
  readonly onReply: (status: number, body: Buffer) => void;
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
  #lastHead: Buffer = nothing;
  #lastParsed: ReplyHead | undefined;
  #chunked: ChunkedBody | undefined;
  /** Of a body that ends with the connection, or comes in many pieces. */
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  #closing = false;

  constructor(listener: ReplyListener, limits: ReplyLimits) {
    this.#listener = listener;
    this.#limits = limits;
  }

  /** The peer said that the last whole reply was its last one here. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Takes what was read next. @returns why the connection cannot be used any longer */
  push(read: Buffer): ReplyFault | undefined {
    let bytes = this.#rest.length === 0 ? read : Buffer.concat([this.#rest, read]);
    this.#rest = nothing;
    while (bytes.length > 0) {
      if (this.#head === undefined) {
        if (this.#closing || this.#listener.awaited() === 0) return "HTTP_UNEXPECTED";
        const length = this.#takeHead(bytes);
        if (typeof length === "string") return length;
        if (length === 0) return undefined;
        bytes = bytes.subarray(length);
        if (this.#head === undefined) continue; // an interim reply
      }
      const taken = this.#takeBody(bytes);
      if (typeof taken === "string") return taken;
      bytes = bytes.subarray(taken);
    }
    return this.#emptyBody();
  }

  /** The peer closed its side. @returns a fault where it did so within a reply */
  end(): ReplyFault | undefined {
    if (this.#head?.body.kind === "close") {
      this.#finish(Buffer.concat(this.#pieces));
      return undefined;
    }
    return this.#head === undefined && this.#rest.length === 0 ? undefined : "HTTP_TRUNCATED";
  }

  /** @returns bytes of the head; 0 where it is not whole, and was kept */
  #takeHead(bytes: Buffer): number | ReplyFault {
    const known = this.#lastHead.length;
    if (known > 0 && bytes.length >= known && bytes.compare(this.#lastHead, 0, known, 0, known) === 0) {
      this.#head = this.#lastParsed;
      return known;
    }
    const end = bytes.indexOf(endOfHead);
    if (end < 0 || end > this.#limits.headBytes) {
      if (bytes.length > this.#limits.headBytes) return "HTTP_HEAD_TOO_LARGE";
      if (!couldBegin(bytes)) return "HTTP_MALFORMED";
      this.#rest = Buffer.from(bytes);
      return 0;
    }
    const length = end + endOfHead.length;
    const parsed = parseReplyHead(bytes.toString("latin1", 0, end));
    if (parsed === undefined) return "HTTP_MALFORMED";
    if (parsed.status < 200) return parsed.status === 101 ? "HTTP_UNEXPECTED" : length;
    if (parsed.body.kind === "length" && parsed.body.bytes > this.#limits.bodyBytes)
      return "HTTP_BODY_TOO_LARGE";
    this.#lastHead = Buffer.from(bytes.subarray(0, length));
    this.#lastParsed = parsed;
    this.#head = parsed;
    return length;
  }

  /** @returns bytes taken */
  #takeBody(bytes: Buffer): number | ReplyFault {
    const body = this.#head?.body;
    if (body === undefined) return 0;
    if (body.kind === "length") {
      const missing = body.bytes - this.#piecesBytes;
      if (bytes.length < missing) return this.#keep(bytes);
      const last = bytes.subarray(0, missing);
      this.#finish(this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]));
      return missing;
    }
    if (body.kind === "close") return this.#keep(bytes);
    this.#chunked ??= new ChunkedBody(this.#limits.bodyBytes);
    const chunked = this.#chunked;
    const taken = chunked.push(bytes);
    if (typeof taken !== "string" && chunked.ended) this.#finish(chunked.body());
    return taken;
  }

  /** A body without bytes is whole as soon as its head is. */
  #emptyBody(): undefined {
    if (this.#head?.body.kind === "length" && this.#head.body.bytes === 0) this.#finish(nothing);
    return undefined;
  }

  #keep(bytes: Buffer): number | ReplyFault {
    this.#piecesBytes += bytes.length;
    if (this.#piecesBytes > this.#limits.bodyBytes) return "HTTP_BODY_TOO_LARGE";
    this.#pieces.push(Buffer.from(bytes));
    return bytes.length;
  }

  #finish(body: Buffer): void {
    const head = this.#head;
    this.#head = undefined;
    this.#chunked = undefined;
    this.#pieces = [];
    this.#piecesBytes = 0;
    if (head === undefined) return;
    if (head.closes) this.#closing = true;
    this.#listener.onReply(head.status, body);
  }
}

/** What is no beginning of a reply need not be waited for to its end. */
function couldBegin(bytes: Buffer): boolean {
  const beginning = "HTTP/1.";
  return beginning.startsWith(bytes.toString("latin1", 0, Math.min(bytes.length, beginning.length)));
}
