import { idleMs, longestUnusedMs, requestTimeoutStatus } from "../http/connection.ts";
import { ReplyParser } from "../http/reply-parser.ts";
import { type ConnectionEvents, PooledSocket, type PooledSocketOptions } from "../pool/pooled-socket.ts";
import type { BatchReplies, WholeReply } from "./replies.ts";

/** A reply has about 200 bytes for each transaction; what is longer comes from no node. */
const replyLimits = { headBytes: 64 * 1024, bodyBytes: 8 * 2 ** 20 };

export interface BatchOptions extends PooledSocketOptions {
  readonly replies: BatchReplies;
  readonly batchSize: number;
  /** Requests that may be under way; falls where the node answers but one at a time. */
  readonly places: { readonly requests: number };
}

/** One HTTP connection, on which requests go out, and replies come, in order. */
export class BatchConnection extends PooledSocket {
  readonly #options: BatchOptions;
  readonly #most: number;
  readonly #parser: ReplyParser;
  /** Where the transactions of each request end, in the order in which they were made. */
  readonly #ends: Float64Array;
  #made = 0;
  #replied = 0;
  /** Where the transactions of the oldest request begin. */
  #from = 0;
  #lastReadMs = 0;
  /** The oldest request came after an idle time. */
  #oldestWasIdle = false;
  #unused: NodeJS.Timeout | undefined;

  constructor(options: BatchOptions, events: ConnectionEvents) {
    const most = options.places.requests;
    super(options, most * options.batchSize, events);
    this.#options = options;
    this.#most = most;
    this.#ends = new Float64Array(most);
    this.#parser = new ReplyParser(
      {
        onReply: (status, bytes, range) => this.#onReply({ status, bytes, ...range }),
        awaited: () => this.#made - this.#replied,
      },
      replyLimits,
    );
  }

  get load(): number {
    const underWay = this.#made - this.#replied;
    const isUsable = this.stands && !this.isOverdue && !this.#parser.closing;
    return isUsable && underWay < this.#options.places.requests ? underWay : Number.POSITIVE_INFINITY;
  }

  override endRequest(): void {
    if (this.#made === this.#replied) this.#endIdleTime();
    super.endRequest();
    this.#ends[this.#made++ % this.#most] = this.awaited.tail;
  }

  override destroy(): void {
    clearTimeout(this.#unused);
    super.destroy();
  }

  protected onConnected(): void {
    this.#lastReadMs = this.#options.request.clock.monotonicMs();
    this.#unused = setTimeout(() => this.fail("CLOSED_IDLE"), longestUnusedMs).unref();
    this.stand();
  }

  protected onRead(bytes: Buffer, length: number): string | undefined {
    this.#lastReadMs = this.nowMs;
    const fault = this.#parser.push(bytes, length);
    return fault ?? (this.#parser.closing ? "CLOSED" : undefined);
  }

  protected onHangUp(): string {
    return this.#parser.end() ?? "CLOSED";
  }

  #endIdleTime(): void {
    clearTimeout(this.#unused);
    this.#oldestWasIdle = this.#options.request.clock.monotonicMs() - this.#lastReadMs >= idleMs;
  }

  /** The oldest request's. */
  #onReply(reply: Pick<WholeReply, "status" | "bytes" | "start" | "end">): void {
    if (reply.status === requestTimeoutStatus && this.#oldestWasIdle && this.#parser.closing) {
      // Said of the idle time, and crossed what was sent then: it answers no request.
      this.fail("CLOSED_IDLE");
      return;
    }
    this.#oldestWasIdle = false;
    const from = this.#from;
    const to = this.#ends[this.#replied++ % this.#most] as number;
    this.#from = to;
    this.#options.replies.take({ ...reply, from, to, nowMs: this.nowMs }, this.awaited, this.events);
  }
}
