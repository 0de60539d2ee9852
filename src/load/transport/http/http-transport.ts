import { formatAuthority } from "../../../core/address.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { connectFailure } from "../failure.ts";
import {
  mostAhead,
  type OpenTransport,
  type SendFailure,
  type Transport,
  type TransportRequest,
} from "../transport.ts";
import { Connection, type ConnectionEnd, type ConnectionOwner, type Reply } from "./connection.ts";
import { ConnectionSet } from "./connection-set.ts";
import { answersSeveral } from "./pipelining.ts";
import { requestWriter } from "./request-template.ts";
import { Slabs } from "./slabs.ts";

/** Requests on sockets of our own, made from a template, several under way on one connection where the plan says so. */
export const openHttpTransport: OpenTransport = (request) => new HttpTransport(request);

/** One reply in so many is read in full although it looks as usual: an error can look much the same. */
const readInFull = 1024;
const readBytes = 64 * 1024;
/** Of what was to go elsewhere, when the node had turned out to take one request of a connection. */
const noPlace: SendFailure = { kind: "unsent", code: "NO_CONNECTION" };

class HttpTransport implements Transport {
  underWay = 0;
  readonly #request: TransportRequest;
  readonly #owner: ConnectionOwner;
  readonly #connections: ConnectionSet;
  /** Those with something to write. */
  readonly #listed: Connection[] = [];
  #pipelining: "unknown" | "works" | "fails" = "unknown";
  /** No reply is overdue before. */
  #nextOverdueMs = Number.POSITIVE_INFINITY;
  #usualStatus = 0;
  #replies = 0;
  #isClosed = false;

  constructor(request: TransportRequest) {
    this.#request = request;
    const { rpc, plan, connections, connectTimeoutMs, clock } = request;
    const readBuffer = Buffer.alloc(readBytes);
    const writer = requestWriter(request);
    this.#owner = {
      socket: { rpc, connectTimeoutMs, readInto: readBuffer },
      readBuffer,
      writer,
      slabs: writer.template && new Slabs(writer.template, plan.inFlightPerConnection),
      clock,
      opened: (connection) => this.#onOpened(connection),
      changed: (connection) => this.#connections.changed(connection),
      replied: (sequence, reply) => this.#onReply(sequence, reply),
      pipelined: () => {
        if (this.#pipelining === "unknown") this.#pipelining = "works";
      },
      ended: (connection, end) => this.#onEnded(connection, end),
    };
    const places = plan.inFlightPerConnection;
    const open = (requests: number) => new Connection(this.#owner, requests);
    this.#connections = new ConnectionSet({ open, most: connections, places, clock });
  }

  get capacity(): number {
    return this.#connections.capacity;
  }

  send(sequence: number): void {
    if (!this.#place(sequence, this.#connections.pick())) {
      throw new InvalidArgumentError(
        `Transaction ${sequence} was handed to a transport that has ${this.underWay} of at most ${this.capacity} under way; send only below that.`,
      );
    }
    this.underWay++;
  }

  turn(nowMs: number): void {
    if (nowMs >= this.#nextOverdueMs) this.#endOverdue(nowMs);
    this.#writeListed(nowMs);
  }

  async prepare(signal: AbortSignal): Promise<readonly string[]> {
    const { rpc, plan, connections, connectionsOfOne, connectionsAhead = mostAhead } = this.#request;
    const several = plan.inFlightPerConnection > 1;
    if (several && this.#pipelining === "unknown") {
      const both = await answersSeveral(this.#request, signal);
      if (both !== undefined) this.#pipelining = both ? "works" : "fails";
      if (both === false) this.#connections.takeOneOfEach(connectionsOfOne);
    }
    const most = this.#pipelining === "fails" ? connectionsOfOne : connections;
    if (!this.#isClosed) await this.#connections.openAhead(Math.min(most, connectionsAhead), signal);
    if (!several || this.#pipelining !== "fails") return [];
    return [
      `The node at ${formatAuthority(rpc)} does not answer several requests of one connection; each of at most ${connectionsOfOne} connections has one request under way.`,
    ];
  }

  close(): void {
    this.#isClosed = true;
    this.underWay = 0;
    this.#connections.endAll();
  }

  /** @returns whether there was a place for it */
  #place(sequence: number, connection: Connection | undefined): boolean {
    if (connection === undefined) return false;
    connection.ring.push(sequence);
    this.#connections.changed(connection);
    if (!connection.isListed) {
      connection.isListed = true;
      this.#listed.push(connection);
    }
    return true;
  }

  #writeListed(nowMs: number): void {
    // Writing may end a connection, whose unwritten requests go to others at the end of this list.
    for (let i = 0; i < this.#listed.length; i++) {
      const connection = this.#listed[i] as Connection;
      connection.isListed = false;
      if (!connection.hasEnded) connection.write(nowMs);
    }
    this.#listed.length = 0;
    this.#nextOverdueMs = Math.min(this.#nextOverdueMs, nowMs + this.#request.requestTimeoutMs);
  }

  #onOpened(connection: Connection): void {
    if (connection.ring.length > 0) connection.write(this.#request.clock.monotonicMs());
  }

  #onReply(sequence: number, { status, bytes, range, nowMs }: Reply): void {
    if (this.#isClosed) return;
    this.underWay--;
    const { submission, listener } = this.#request;
    if (
      status === this.#usualStatus &&
      ++this.#replies % readInFull !== 0 &&
      submission.isUsualAcceptance?.(bytes, range, sequence) === true
    ) {
      listener.acknowledged(sequence, nowMs);
      return;
    }
    const answer = submission.classify(status, bytes.toString("utf8", range.start, range.end), sequence);
    if (answer.accepted) {
      this.#usualStatus = status;
      listener.acknowledged(sequence, nowMs);
    } else listener.rejected(sequence, answer.reason, nowMs);
  }

  #onEnded(connection: Connection, { code, stood, afterFirstReply }: ConnectionEnd): void {
    this.#connections.remove(connection);
    if (this.#isClosed) return;
    if (afterFirstReply && this.#pipelining === "unknown") {
      this.#pipelining = "fails";
      this.#connections.takeOneOfEach(this.#request.connectionsOfOne);
    }
    const { ring } = connection;
    const failed: number[] = [];
    for (let i = ring.expired; i < ring.length; i++) failed.push(ring.at(i));
    // What was never written goes elsewhere; where there is no connection, that is not for the transport to do.
    const movesOn = stood || this.#connections.leaveToOthers();
    const unwritten = movesOn ? failed.splice(Math.max(0, ring.written - ring.expired)) : [];
    const another = () => (stood ? this.#connections.pick() : this.#connections.pickExisting());
    const unsent = unwritten.filter((sequence) => !this.#place(sequence, another()));
    if (unwritten.length > 0) this.#writeListed(this.#request.clock.monotonicMs());
    this.underWay -= failed.length + unsent.length;
    this.#reportFailed(failed, stood ? { kind: "broken", code } : connectFailure(code));
    this.#reportFailed(unsent, stood ? noPlace : connectFailure(code));
  }

  #reportFailed(sequences: readonly number[], failure: SendFailure): void {
    const nowMs = this.#request.clock.monotonicMs();
    for (const sequence of sequences) {
      if (!this.#isClosed) this.#request.listener.failed(sequence, failure, nowMs);
    }
  }

  /**
   * Ends what has waited too long. It keeps its place on its connection, since its reply may still come and is read
   * over; meanwhile that connection gets nothing new. Where nobody waits for anything on it any more, it is given up.
   */
  #endOverdue(nowMs: number): void {
    const { requestTimeoutMs, listener } = this.#request;
    this.#nextOverdueMs = Number.POSITIVE_INFINITY;
    for (const connection of this.#connections.all()) {
      const { ring } = connection;
      while (ring.oldestMs() + requestTimeoutMs <= nowMs) {
        const sequence = ring.at(ring.expired);
        ring.expired++;
        this.#connections.changed(connection);
        this.underWay--;
        listener.timedOut(sequence, nowMs);
        if (this.#isClosed) return;
      }
      if (ring.expired > 0 && ring.expired === ring.length) connection.end("GIVEN_UP");
      else this.#nextOverdueMs = Math.min(this.#nextOverdueMs, ring.oldestMs() + requestTimeoutMs);
    }
  }
}
