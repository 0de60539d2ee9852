import type { ReplyFault } from "./reply-head.ts";

const lineLimit = 8192;

/** A body in chunks, put together as it comes in. Extensions and trailers are read over. */
export class ChunkedBody {
  /** The last chunk and its trailers were read. */
  ended = false;
  readonly #largestBytes: number;
  #at: "size" | "data" | "data-end" | "trailer" = "size";
  #line = "";
  #missing = 0;
  #bytes = 0;
  readonly #pieces: Buffer[] = [];

  constructor(largestBytes: number) {
    this.#largestBytes = largestBytes;
  }

  body(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** @returns bytes taken, fewer than given only where the body has ended */
  push(bytes: Buffer): number | ReplyFault {
    let place = 0;
    while (place < bytes.length && !this.ended) {
      if (this.#at === "data") {
        const piece = bytes.subarray(place, place + this.#missing);
        this.#pieces.push(Buffer.from(piece));
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
    this.#bytes += this.#missing;
    if (this.#bytes > this.#largestBytes) return "HTTP_BODY_TOO_LARGE";
    this.#at = this.#missing === 0 ? "trailer" : "data";
    return undefined;
  }
}
