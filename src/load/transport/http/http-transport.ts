import { formatAuthority } from "../../../core/address.ts";
import { Pool, type PoolOptions } from "../pool/pool.ts";
import { type ConnectionEvents, PooledSocket, type PooledSocketOptions } from "../pool/pooled-socket.ts";
import type { RequestForm } from "../pool/request-shape.ts";
import { requestMaker } from "../pool/requests.ts";
import type { OpenTransport, Transport, TransportRequest } from "../transport.ts";
import { answersSeveral } from "./pipelining.ts";
import { type Replies, SingleReplies } from "./replies.ts";
import { ReplyParser } from "./reply-parser.ts";

const nothing: Buffer = Buffer.alloc(0);
const largestHeadBytes = 64 * 1024;
/** A server's own idea of how long it has kept a connection may be as much ahead of ours. */
const keepAliveMarginMs = 1000;
/** A connection that ends with a request which came after so long was most likely being closed when it was written. */
const idleMs = 1000;
/** Servers close connections that nothing was sent on, some after ten seconds. */
const longestUnusedMs = 5000;
/** The status of a server that had waited too long for a request. */
const requestTimeoutStatus = 408;

/** Requests on sockets of our own, made from a template, several under way on one connection where the plan says so. */
export const openHttpTransport: OpenTransport = (request) =>
  openHttpPool(request, {
    form: { open: "", separator: "", close: "", batchSize: 1 },
    replies: new SingleReplies(request.submission),
    oneOfEach: `each of at most ${request.connectionsOfOne} connections has one request in flight`,
    waitsForOthers: false,
  });

interface HttpKind extends Pick<PoolOptions, "notes" | "waitsForOthers"> {
  readonly form: Omit<RequestForm, "head">;
  readonly replies: Replies;
  /** What follows where the node answers but one request of a connection. */
  readonly oneOfEach: string;
}

/** @throws InvalidArgumentError where transactions of this size cannot be made */
export function openHttpPool(
  request: TransportRequest,
  { form, replies, oneOfEach, ...kind }: HttpKind,
): Transport {
  const { batchSize } = form;
  const make = requestMaker(request, { ...form, head: (bytes, path) => requestHead(request, bytes, path) });
  const pipelining = { works: false };
  return new Pool(request, {
    ...kind,
    transactionsPerRequest: batchSize,
    oneOfEach: `The node at ${formatAuthority(request.rpc)} does not reply to several requests on one connection; ${oneOfEach}.`,
    takesSeveral: async (signal) => {
      const both = await answersSeveral(request, signal);
      pipelining.works ||= both === true;
      return both !== false;
    },
    open: (events, places) =>
      new HttpConnection({ request, requests: make(places), places, batchSize, replies, pipelining }, events),
  });
}

/** The head of a request with a body of so many bytes. */
export function requestHead(
  { rpc, submission }: Pick<TransportRequest, "rpc" | "submission">,
  lengthBytes: number,
  path: string,
): Buffer {
  const { method = "POST" } = submission;
  const fields = Object.entries({
    host: formatAuthority(rpc),
    ...submission.headers,
    "content-length": String(lengthBytes),
  });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}

interface HttpConnectionOptions extends PooledSocketOptions {
  readonly replies: Replies;
  /** Whether the node is known to answer several requests of one connection. */
  readonly pipelining: { works: boolean };
}

/** One HTTP connection, on which requests go out, and replies come, in order. */
class HttpConnection extends PooledSocket {
  readonly #options: HttpConnectionOptions;
  readonly #parser: ReplyParser;
  /** Where the transactions of each request end, in the order in which they were made. */
  readonly #ends: Float64Array;
  readonly #mask: number;
  /** Used again for every reply. */
  readonly #reply = { status: 0, bytes: nothing, start: 0, end: 0, from: 0, to: 0, nowMs: 0 };
  #replied = 0;
  /** Requests that were already written when the reply before came. */
  #behind = 0;
  #lastReadMs = 0;
  /** After this it is not used any more where nothing is under way on it. */
  #idleUntilMs = Number.POSITIVE_INFINITY;
  /** The oldest request came after an idle time. */
  #oldestWasIdle = false;
  #unused: NodeJS.Timeout | undefined;

  constructor(options: HttpConnectionOptions, events: ConnectionEvents) {
    super(options, events);
    this.#options = options;
    this.#ends = new Float64Array(2 ** Math.ceil(Math.log2(options.places)));
    this.#mask = this.#ends.length - 1;
    this.#parser = new ReplyParser(
      {
        onReply: (status, bytes, range) => {
          const reply = this.#reply;
          reply.status = status;
          reply.bytes = bytes;
          reply.start = range.start;
          reply.end = range.end;
          this.#onReply();
        },
        awaited: () => this.made - this.#replied,
      },
      { headBytes: largestHeadBytes, bodyBytes: options.replies.largestBytes },
    );
  }

  protected get answered(): number {
    return this.#replied;
  }

  override isFresh(nowMs: number): boolean {
    if (nowMs < this.#idleUntilMs || this.made > this.#replied) return true;
    this.fail("CLOSED_IDLE");
    return false;
  }

  override endRequest(nowMs: number): void {
    if (this.made === this.#replied) this.#endIdleTime(nowMs);
    this.#ends[this.made & this.#mask] = this.awaited.tail;
    super.endRequest(nowMs);
  }

  override destroy(): void {
    clearTimeout(this.#unused);
    super.destroy();
  }

  protected onConnected(): void {
    this.#lastReadMs = this.request.clock.monotonicMs();
    this.#unused = setTimeout(() => this.fail("CLOSED_IDLE"), longestUnusedMs).unref();
    this.stand();
  }

  protected onRead(bytes: Buffer, length: number): string | undefined {
    this.#lastReadMs = this.nowMs;
    const fault = this.#parser.push(bytes, length);
    const { keepAliveMs, closing } = this.#parser;
    if (keepAliveMs !== undefined) {
      this.#idleUntilMs = this.nowMs + keepAliveMs - Math.min(keepAliveMarginMs, keepAliveMs / 2);
    }
    // What comes after a reply that was said to be the last is for nobody.
    return closing ? "CLOSED" : fault;
  }

  protected onHangUp(): string {
    const fault = this.#parser.end();
    return fault ?? (this.#oldestWasIdle && this.made > this.#replied ? "CLOSED_IDLE" : "CLOSED");
  }

  protected override fail(code: string): void {
    const { pipelining } = this.#options;
    const leavesOthers = this.#replied === 1 && this.#behind > 0 && this.made > 1;
    super.fail(code);
    if (code === "CLOSED" && leavesOthers && !pipelining.works) this.events.takesOne();
  }

  #endIdleTime(nowMs: number): void {
    if (this.#unused !== undefined) {
      clearTimeout(this.#unused);
      this.#unused = undefined;
    }
    this.#oldestWasIdle = nowMs - this.#lastReadMs >= idleMs;
  }

  /** The oldest request's. */
  #onReply(): void {
    const reply = this.#reply;
    if (reply.status === requestTimeoutStatus && this.#oldestWasIdle && this.#parser.closing) {
      // Said of the idle time, and crossed what was sent then: it answers no request.
      this.fail("CLOSED_IDLE");
      return;
    }
    this.#oldestWasIdle = false;
    if (this.#behind > 0) this.#options.pipelining.works = true;
    reply.from = reply.to;
    reply.to = this.#ends[this.#replied++ & this.#mask] as number;
    reply.nowMs = this.nowMs;
    this.#behind = this.made - this.#replied;
    this.#options.replies.take(reply, this.awaited, this.events);
  }
}
