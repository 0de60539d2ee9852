import type { ReplyFault } from "./reply-head.ts";

const lineLimit = 8192;
const leastBytes = 256;

/** A body in chunks, put together as it comes in. Extensions and trailers are read over. */
export class ChunkedBody {
  /** The last chunk and its trailers were read. */
  ended = false;
  readonly #largestBytes: number;
  #at: "size" | "data" | "data-end" | "trailer" = "size";
  #line = "";
  #missing = 0;
  #announcedBytes = 0;
  /** Grows as it fills: a body may come in a million chunks. */
  #body = Buffer.alloc(0);
  #lengthBytes = 0;

  constructor(largestBytes: number) {
    this.#largestBytes = largestBytes;
  }

  body(): Buffer {
    return this.#body.subarray(0, this.#lengthBytes);
  }

  /** @returns bytes taken, fewer than given only where the body has ended */
  push(bytes: Buffer): number | ReplyFault {
    let place = 0;
    while (place < bytes.length && !this.ended) {
      if (this.#at === "data") {
        const piece = bytes.subarray(place, place + this.#missing);
        this.#append(piece);
        this.#missing -= piece.length;
        place += piece.length;
        if (this.#missing === 0) this.#at = "data-end";
        continue;
      }
      const end = bytes.indexOf(10, place);
      const upTo = end < 0 ? bytes.length : end + 1;
      this.#line += bytes.toString("latin1", place, upTo);
      place = upTo;
      if (this.#line.length > lineLimit) return "HTTP_HEAD_TOO_LARGE";
      if (end < 0) break;
      if (!this.#line.endsWith("\r\n")) return "HTTP_MALFORMED";
      const line = this.#line.slice(0, -2);
      this.#line = "";
      const fault = this.#endLine(line);
      if (fault !== undefined) return fault;
    }
    return place;
  }

  #append(piece: Buffer): void {
    const neededBytes = this.#lengthBytes + piece.length;
    if (neededBytes > this.#body.length) {
      const body = Buffer.alloc(Math.max(leastBytes, neededBytes, 2 * this.#body.length));
      this.#body.copy(body, 0, 0, this.#lengthBytes);
      this.#body = body;
    }
    piece.copy(this.#body, this.#lengthBytes);
    this.#lengthBytes = neededBytes;
  }

  #endLine(line: string): ReplyFault | undefined {
    if (this.#at === "data-end") {
      this.#at = "size";
      return line === "" ? undefined : "HTTP_MALFORMED";
    }
    if (this.#at === "trailer") {
      this.ended = line === "";
      return undefined;
    }
    const size = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) return "HTTP_MALFORMED";
    this.#missing = Number.parseInt(size, 16);
    this.#announcedBytes += this.#missing;
    if (this.#announcedBytes > this.#largestBytes) return "HTTP_BODY_TOO_LARGE";
    this.#at = this.#missing === 0 ? "trailer" : "data";
    return undefined;
  }
}
