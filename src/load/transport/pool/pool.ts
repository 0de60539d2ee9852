import {
  type Miss,
  mostAhead,
  type SendFailure,
  type Transport,
  type TransportRequest,
  timedOut,
} from "../transport.ts";
import { Awaited } from "./awaited.ts";
import { LeastBusy } from "./least-busy.ts";
import type { ConnectionEvents, PooledSocket } from "./pooled-socket.ts";

const keepAlivePeriodMs = 10_000;
/** After a connection did not come about while others stand, those do the work for so long. */
const holdOffMs = 250;
/** What was to go elsewhere when the node took one request of a connection only. */
const noPlace: SendFailure = { kind: "unsent", code: "NO_CONNECTION" };

/** What a kind of transport adds to a pool. */
export interface PoolOptions {
  readonly transactionsPerRequest: number;
  /** @param places requests that it may have under way */
  readonly open: (events: ConnectionEvents, places: number) => PooledSocket;
  /** Finds out whether the node takes several requests of one connection; left out where all do. */
  readonly takesSeveral?: (signal: AbortSignal) => Promise<boolean>;
  /** What a person should know in any case, and where it does not. */
  readonly notes?: readonly string[];
  readonly oneOfEach?: string;
  /** What was to go to a connection that fails to open waits for others, with a note; else what has no place fails. */
  readonly waitsForOthers: boolean;
}

/**
 * The way to one node over several connections: each request goes to the connection with the least under way, and
 * shares it only where no further one may be opened. What finds none waits here; that counts as its time under way.
 *
 * A connection that owes a reply longer than the time-out is left alone until something is heard on it, and ended once
 * everything on it has ended: one that is stuck cannot hold its places for ever.
 */
export class Pool implements Transport {
  underWay = 0;
  readonly #request: TransportRequest;
  readonly #options: PoolOptions;
  readonly #waiting: Awaited;
  readonly #connections: (PooledSocket | undefined)[] = [];
  readonly #free: number[] = [];
  #busy!: LeastBusy;
  /** Most requests under way on one connection. */
  #places: number;
  /** Requests that all connections together take no more. */
  #used = 0;
  readonly #touched: PooledSocket[] = [];
  readonly #strays = new Map<string, number>();
  readonly #lastFailures: string[] = [];
  readonly #keepAlive: NodeJS.Timeout;
  #opening = 0;
  #open = 0;
  #noNewBeforeMs = Number.NEGATIVE_INFINITY;
  #nextExpiryMs = 0;
  #closed = false;
  #onSettled: () => void = () => {};

  constructor(request: TransportRequest, options: PoolOptions) {
    this.#request = request;
    this.#options = options;
    const { connections, connectionsOfOne, plan } = request;
    this.#places = plan.inFlightPerConnection;
    const requests = Math.max(connections * this.#places, connectionsOfOne);
    this.#waiting = new Awaited(requests * options.transactionsPerRequest);
    this.#makeRoom(connections);
    this.#keepAlive = setInterval(() => this.#keepAllAlive(), keepAlivePeriodMs).unref();
  }

  /** A request that is not full takes up the place of a full one. */
  get capacity(): number {
    const free = this.#connections.length * this.#places - this.#used;
    return this.underWay - this.#waiting.length + free * this.#options.transactionsPerRequest;
  }

  send(sequence: number): void {
    this.underWay++;
    this.#waiting.push(sequence, Number.POSITIVE_INFINITY);
  }

  turn(nowMs: number): void {
    if (this.#waiting.length > 0) {
      this.#assign(nowMs);
      this.#waiting.stamp(nowMs);
      if (nowMs >= this.#noNewBeforeMs) this.#openNew(this.#unplaced(), nowMs);
    }
    if (nowMs >= this.#nextExpiryMs) this.#expire(nowMs);
  }

  async prepare(signal: AbortSignal): Promise<readonly string[]> {
    const { takesSeveral, notes = [], oneOfEach, waitsForOthers } = this.#options;
    const several = this.#places > 1;
    if (several && (await takesSeveral?.(signal)) === false) this.#takeOneOfEach();
    if (this.#closed) return notes;
    this.#openNew(this.#request.connectionsAhead ?? mostAhead, this.#request.clock.monotonicMs());
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (this.#opening === 0 || signal.aborted) resolve();
    });
    this.#onSettled = () => {};
    const fallen = several && this.#places === 1 && oneOfEach !== undefined ? [oneOfEach] : [];
    const failures = new Set(this.#lastFailures.splice(0));
    return [...notes, ...fallen, ...(waitsForOthers ? failures : [])];
  }

  strays(): ReadonlyMap<string, number> {
    return this.#strays;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#keepAlive);
    for (const connection of this.#connections) connection?.destroy();
    this.#onSettled();
  }

  /** For so many connections, and as many requests on each as it takes now. */
  #makeRoom(connections: number): void {
    const all = this.#connections;
    for (let index = connections - 1; index >= all.length; index--) this.#free.push(index);
    while (all.length < connections) all.push(undefined);
    this.#busy = new LeastBusy(all.length, this.#places);
    for (const [index, connection] of all.entries())
      if (connection !== undefined) this.#place(index, connection);
  }

  /** What waits for more places than there are then is for others to send. */
  #takeOneOfEach(): void {
    if (this.#places === 1) return;
    this.#places = 1;
    this.#makeRoom(this.#request.connectionsOfOne);
    this.#failNewest(this.underWay - this.capacity, noPlace);
  }

  #assign(nowMs: number): void {
    for (let index = this.#next(nowMs); index !== undefined; index = this.#next(nowMs)) {
      const connection = this.#connections[index] as PooledSocket;
      if (!connection.isFresh(nowMs)) continue;
      const isLast = this.#free.length === 0 && this.#opening === 0;
      let left = isLast ? this.#busy.lead(this.#waiting.length) : 1;
      while (left-- > 0 && this.#waiting.length > 0) this.#giveRequest(connection, nowMs);
      this.#place(index, connection);
      if (this.#touched.at(-1) !== connection) this.#touched.push(connection);
    }
    for (const connection of this.#touched) connection.flush();
    this.#touched.length = 0;
  }

  #giveRequest(connection: PooledSocket, nowMs: number): void {
    const waiting = this.#waiting;
    for (let left = Math.min(this.#options.transactionsPerRequest, waiting.length); left > 0; left--) {
      const sinceMs = Math.min(waiting.oldestSinceMs(), nowMs);
      connection.take(waiting.shift(), sinceMs);
    }
    connection.endRequest(nowMs);
  }

  /** The connection for the next request. */
  #next(nowMs: number): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    if (this.#busy.hasIdle || nowMs < this.#noNewBeforeMs) return this.#busy.least();
    const mayShare = this.#free.length === 0 && (this.#opening === 0 || this.#unplaced() > 0);
    return mayShare ? this.#busy.least() : undefined;
  }

  /** Requests that wait for no connection that is being opened. */
  #unplaced(): number {
    return Math.ceil(this.#waiting.length / this.#options.transactionsPerRequest) - this.#opening;
  }

  #openNew(count: number, nowMs: number): void {
    for (let left = Math.min(count, this.#free.length); left > 0; left--) {
      this.#openOne(this.#free.pop() as number, nowMs);
    }
  }

  #openOne(index: number, nowMs: number): void {
    this.#opening++;
    const { listener } = this.#request;
    let stands = false;
    const settle = () => {
      if (--this.#opening === 0) this.#onSettled();
    };
    const connection: PooledSocket = this.#options.open(
      {
        // Who is told of an end may hand over another at once.
        acknowledged: (sequence, atMs) => {
          if (this.#closed) return;
          this.underWay--;
          this.#use(connection, connection.load);
          listener.acknowledged(sequence, atMs);
        },
        missed: (sequence, miss, atMs) => {
          if (this.#connections[index] === connection) this.#use(connection, connection.load);
          this.#miss(sequence, miss, atMs);
        },
        stray: (kind) => this.#strays.set(kind, (this.#strays.get(kind) ?? 0) + 1),
        opened: () => {
          stands = true;
          this.#open++;
          settle();
          this.#changed(index);
        },
        changed: () => this.#changed(index),
        closed: (failure) => {
          if (this.#closed) return;
          this.#connections[index] = undefined;
          this.#free.push(index);
          this.#use(connection, 0);
          this.#busy.remove(index);
          if (stands) this.#open--;
          else settle();
          if (failure !== undefined) this.#notOpened(failure, nowMs);
        },
        takesOne: () => this.#takeOneOfEach(),
      },
      this.#places,
    );
    this.#connections[index] = connection;
  }

  /** Where others stand, they do the work; else what was waiting for it has nowhere to go. */
  #notOpened(failure: SendFailure, startedMs: number): void {
    const nowMs = this.#request.clock.monotonicMs();
    const { host, port } = this.#request.rpc;
    if (this.#lastFailures.length < mostAhead) {
      this.#lastFailures.push(`${host}:${port} refused a connection: ${failure.code}.`);
    }
    if (this.#open === 0) {
      while (this.#waiting.oldestSinceMs() <= startedMs) this.#miss(this.#waiting.shift(), failure, nowMs);
      return;
    }
    this.#noNewBeforeMs = nowMs + holdOffMs;
    if (this.#options.waitsForOthers) return;
    const free = this.#open * this.#places - this.#used;
    this.#failNewest(this.#unplaced() - free, failure);
  }

  #failNewest(count: number, failure: SendFailure): void {
    const length = Math.max(0, Math.min(count, this.#waiting.length));
    // Those who are told may hand over others at once.
    const newest = Array.from({ length }, () => this.#waiting.pop());
    const nowMs = this.#request.clock.monotonicMs();
    for (const sequence of newest.reverse()) this.#miss(sequence, failure, nowMs);
  }

  #miss(sequence: number, miss: Miss, nowMs: number): void {
    if (this.#closed) return;
    this.underWay--;
    this.#request.listener.missed(sequence, miss, nowMs);
  }

  #changed(index: number): void {
    const connection = this.#connections[index];
    if (connection === undefined || this.#closed) return;
    this.#place(index, connection);
    // What was handed over since the last turn leaves with the next one.
    if (this.#waiting.oldestSinceMs() < Number.POSITIVE_INFINITY)
      this.turn(this.#request.clock.monotonicMs());
  }

  #place(index: number, connection: PooledSocket): void {
    const { load } = connection;
    this.#busy.place(index, load);
    this.#use(connection, load);
  }

  #use(connection: PooledSocket, load: number): void {
    const used = Math.min(load, this.#places);
    this.#used += used - connection.used;
    connection.used = used;
  }

  #expire(nowMs: number): void {
    const { requestTimeoutMs } = this.#request;
    const sentAtMs = nowMs - requestTimeoutMs;
    let oldestMs = nowMs;
    for (const [index, connection] of this.#connections.entries()) {
      if (connection === undefined) continue;
      oldestMs = Math.min(oldestMs, connection.expire(sentAtMs, nowMs));
      if (this.#connections[index] === connection) this.#place(index, connection);
    }
    while (this.#waiting.oldestSinceMs() <= sentAtMs) this.#miss(this.#waiting.shift(), timedOut, nowMs);
    this.#nextExpiryMs = Math.min(oldestMs, this.#waiting.oldestSinceMs()) + requestTimeoutMs;
  }

  #keepAllAlive(): void {
    for (const [index, connection] of this.#connections.entries()) {
      connection?.keepAlive();
      if (connection !== undefined && this.#connections[index] === connection) this.#changed(index);
    }
  }
}
