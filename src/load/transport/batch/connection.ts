import type { Socket } from "node:net";
import { sendFailure } from "../failure.ts";
import { ReplyParser } from "../http/reply-parser.ts";
import { Awaited } from "../pool/awaited.ts";
import type { Connection, ConnectionEvents } from "../pool/connection.ts";
import { openSocket } from "../pool/socket.ts";
import type { SendFailure, TransportRequest } from "../transport.ts";
import type { BatchReplies } from "./replies.ts";
import type { Requests } from "./requests.ts";

/** A reply has about 200 bytes for each transaction; what is longer comes from no node. */
const replyLimits = { headBytes: 16_384, bodyBytes: 8 * 2 ** 20 };

export interface BatchTerms {
  readonly request: TransportRequest;
  readonly requests: Requests;
  readonly replies: BatchReplies;
  readonly batchSize: number;
}

/** One HTTP connection, on which requests go out, and replies come, in order. */
export class BatchConnection implements Connection {
  readonly #terms: BatchTerms;
  readonly #events: ConnectionEvents;
  readonly #most: number;
  readonly #awaited: Awaited;
  readonly #socket: Socket;
  readonly #parser: ReplyParser;
  readonly #openTimer: NodeJS.Timeout;
  /** Where the transactions of each request end, in the order in which they were made. */
  readonly #ends: Float64Array;
  #made = 0;
  #replied = 0;
  /** Where the transactions of the oldest request begin. */
  #from = 0;
  #state: "opening" | "open" | "closed" = "opening";
  #isOverdue = false;
  #nowMs = 0;

  constructor(terms: BatchTerms, events: ConnectionEvents) {
    this.#terms = terms;
    this.#events = events;
    const { rpc, connectTimeoutMs, plan } = terms.request;
    this.#most = plan.inFlightPerConnection;
    this.#ends = new Float64Array(this.#most);
    this.#awaited = new Awaited(this.#most * terms.batchSize);
    this.#parser = new ReplyParser(
      {
        onReply: (status, body) => this.#onReply(status, body),
        awaited: () => this.#made - this.#replied,
      },
      replyLimits,
    );
    this.#openTimer = setTimeout(
      () => this.#fail({ kind: "unreachable", code: "CONNECT_TIMEOUT" }),
      connectTimeoutMs,
    );
    this.#socket = openSocket(rpc, {
      connected: () => {
        clearTimeout(this.#openTimer);
        this.#state = "open";
        events.opened();
      },
      bytes: (read) => this.#onBytes(read),
      ended: () => this.#onEnd(),
      failed: (error) => this.#fail(sendFailure(error)),
    });
  }

  get load(): number {
    const isUsable = this.#state === "open" && !this.#isOverdue && !this.#parser.closing;
    return isUsable ? this.#made - this.#replied : Number.POSITIVE_INFINITY;
  }

  take(sequence: number, sinceMs: number): void {
    this.#terms.requests.put(sequence);
    this.#awaited.push(sequence, sinceMs);
  }

  endRequest(): void {
    this.#terms.requests.end();
    this.#ends[this.#made++ % this.#most] = this.#awaited.tail;
  }

  flush(): void {
    this.#terms.requests.flush(this.#socket);
  }

  expire(untilMs: number, nowMs: number): number {
    while (this.#awaited.length > 0 && this.#awaited.oldestSinceMs() <= untilMs) {
      const sequence = this.#awaited.at(this.#awaited.head);
      this.#awaited.end(this.#awaited.head);
      this.#isOverdue = true;
      this.#events.timedOut(sequence, nowMs);
    }
    if (this.#awaited.length > 0) return this.#awaited.oldestSinceMs();
    if (this.#isOverdue) this.#fail({ kind: "broken", code: "HTTP_SILENT" });
    return Number.POSITIVE_INFINITY;
  }

  keepAlive(): void {}

  destroy(): void {
    this.#state = "closed";
    clearTimeout(this.#openTimer);
    this.#socket.destroy();
  }

  #onBytes(read: Buffer): void {
    if (this.#state !== "open") return;
    this.#isOverdue = false;
    this.#nowMs = this.#terms.request.clock.monotonicMs();
    const fault = this.#parser.push(read, read.length);
    if (fault !== undefined) this.#fail({ kind: "broken", code: fault });
    else if (this.#parser.closing) this.#fail({ kind: "broken", code: "HTTP_CLOSED" });
    else this.#events.changed();
  }

  #onEnd(): void {
    if (this.#state !== "open") return;
    this.#nowMs = this.#terms.request.clock.monotonicMs();
    const fault = this.#parser.end();
    this.#fail({ kind: "broken", code: fault ?? "HTTP_CLOSED" });
  }

  /** The oldest request's. */
  #onReply(status: number, body: Buffer): void {
    const from = this.#from;
    const to = this.#ends[this.#replied++ % this.#most] as number;
    this.#from = to;
    this.#terms.replies.take({ status, body, from, to, nowMs: this.#nowMs }, this.#awaited, this.#events);
  }

  /** Everything under way may have reached the node, unless the connection never stood. */
  #fail(failure: SendFailure): void {
    if (this.#state === "closed") return;
    const stood = this.#state === "open";
    this.destroy();
    const broken: SendFailure = { kind: "broken", code: failure.code };
    const nowMs = this.#terms.request.clock.monotonicMs();
    while (this.#awaited.length > 0) {
      const sequence = this.#awaited.at(this.#awaited.head);
      this.#awaited.end(this.#awaited.head);
      this.#events.failed(sequence, broken, nowMs);
    }
    if (stood) this.#events.closed();
    else this.#events.closed({ ...failure, kind: failure.kind === "unsent" ? "unsent" : "unreachable" });
  }
}
