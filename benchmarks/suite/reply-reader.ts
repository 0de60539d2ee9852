/** Finds the end of HTTP replies on a connection with one request at a time, and counts the errors in them. */

export interface Reply {
  readonly status: number;
  /** JSON-RPC errors in it. */
  readonly errors: number;
  readonly body: string;
}

const headEnd = "\r\n\r\n";
const lastChunk = Buffer.from("\r\n0\r\n\r\n");
const errorKey = Buffer.from('"error"');

export class ReplyReader {
  #held: Buffer | undefined;

  /** The reply that ends with this piece; undefined where more is to come. */
  take(piece: Buffer): Reply | undefined {
    const reply = this.#held === undefined ? piece : Buffer.concat([this.#held, piece]);
    const end = reply.indexOf(headEnd);
    const head = end < 0 ? "" : reply.toString("latin1", 0, end + 2);
    if (end < 0 || !isWhole(head, reply, end + headEnd.length)) {
      this.#held = reply;
      return undefined;
    }
    this.#held = undefined;
    const body = reply.subarray(end + headEnd.length);
    const errors = count(body, errorKey);
    const status = Number(head.slice(9, 12));
    return { status, errors, body: status === 200 ? "" : body.toString() };
  }
}

function isWhole(head: string, reply: Buffer, bodyStart: number): boolean {
  const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
  if (length !== undefined) return reply.length >= bodyStart + Number(length);
  return reply.subarray(-lastChunk.length).equals(lastChunk);
}

function count(text: Buffer, wanted: Buffer): number {
  let found = 0;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) found++;
  return found;
}
