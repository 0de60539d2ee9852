import { RequestRing } from "../request-ring.ts";
import {
  holdOffMs,
  mostAhead,
  type SendFailure,
  type Transport,
  type TransportRequest,
} from "../transport.ts";
import { LeastBusy } from "./least-busy.ts";
import type { ConnectionEvents, PooledSocket } from "./pooled-socket.ts";

const keepAlivePeriodMs = 10_000;

/** What a kind of transport adds to a pool. */
export interface PoolOptions {
  /** May fall while it is prepared. */
  readonly requestsPerConnection: number;
  readonly transactionsPerRequest: number;
  readonly open: (events: ConnectionEvents) => PooledSocket;
  /** Finds out what the node can do, before the first connection. @returns what a person should know */
  readonly prepare: (signal: AbortSignal) => Promise<readonly string[]>;
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
  readonly #waiting: RequestRing;
  readonly #connections: (PooledSocket | undefined)[] = [];
  readonly #free: number[] = [];
  #busy: LeastBusy;
  /** Requests that each connection takes no more, and all together. */
  readonly #used: number[] = [];
  #allUsed = 0;
  readonly #touched: number[] = [];
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
    const { connections, connectionsOfOne } = request;
    const requests = Math.max(connections * options.requestsPerConnection, connectionsOfOne);
    this.#waiting = new RequestRing(requests * options.transactionsPerRequest);
    this.#busy = this.#makeRoom(connections);
    this.#keepAlive = setInterval(() => this.#keepAllAlive(), keepAlivePeriodMs).unref();
  }

  /** A request that is not full takes up the place of a full one. */
  get capacity(): number {
    const { requestsPerConnection, transactionsPerRequest } = this.#options;
    const free = this.#connections.length * requestsPerConnection - this.#allUsed;
    return this.underWay - this.#waiting.length + free * transactionsPerRequest;
  }

  send(sequence: number): void {
    this.underWay++;
    this.#waiting.push(sequence);
  }

  turn(nowMs: number): void {
    if (this.#waiting.length > 0) {
      this.#assign(nowMs);
      this.#waiting.stamp(nowMs);
      this.#openMore(nowMs);
    }
    if (nowMs >= this.#nextExpiryMs) this.#expire(nowMs);
  }

  async prepare(signal: AbortSignal): Promise<readonly string[]> {
    const { requestsPerConnection } = this.#options;
    const notes = await this.#options.prepare(signal);
    if (this.#closed) return notes;
    if (this.#options.requestsPerConnection < requestsPerConnection) {
      this.#busy = this.#makeRoom(this.#request.connectionsOfOne);
    }
    const wanted = Math.min(this.#free.length, this.#request.connectionsAhead ?? mostAhead);
    for (let count = 0; count < wanted; count++) this.#openOne(this.#request.clock.monotonicMs());
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (this.#opening === 0 || signal.aborted) resolve();
    });
    this.#onSettled = () => {};
    return [...notes, ...new Set(this.#lastFailures.splice(0))];
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
  #makeRoom(connections: number): LeastBusy {
    const most = this.#options.requestsPerConnection;
    const busy = new LeastBusy(Math.max(connections, this.#connections.length), most);
    for (let index = connections - 1; index >= this.#connections.length; index--) this.#free.push(index);
    while (this.#connections.length < connections) this.#used[this.#connections.push(undefined) - 1] = 0;
    this.#allUsed = 0;
    for (const [index, connection] of this.#connections.entries()) {
      if (connection === undefined) continue;
      busy.place(index, connection.load);
      this.#used[index] = Math.min(connection.load, most);
      this.#allUsed += this.#used[index];
    }
    return busy;
  }

  #assign(nowMs: number): void {
    const { transactionsPerRequest } = this.#options;
    for (let index = this.#next(nowMs); index !== undefined; index = this.#next(nowMs)) {
      const connection = this.#connections[index] as PooledSocket;
      const count = Math.min(transactionsPerRequest, this.#waiting.length);
      for (let taken = 0; taken < count; taken++) {
        const sinceMs = Math.min(this.#waiting.oldestMs(), nowMs);
        connection.take(this.#waiting.shift(), sinceMs);
      }
      connection.endRequest();
      this.#place(index, connection.load);
      if (this.#touched.at(-1) !== index) this.#touched.push(index);
    }
    for (const index of this.#touched) this.#connections[index]?.flush();
    this.#touched.length = 0;
  }

  /** The connection for the next request. */
  #next(nowMs: number): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    const mayShare = this.#free.length === 0 || nowMs < this.#noNewBeforeMs;
    return mayShare || this.#busy.hasIdle ? this.#busy.least() : undefined;
  }

  #openMore(nowMs: number): void {
    if (nowMs < this.#noNewBeforeMs) return;
    const requests = Math.ceil(this.#waiting.length / this.#options.transactionsPerRequest);
    for (let wanted = requests - this.#opening; wanted > 0 && this.#free.length > 0; wanted--) {
      this.#openOne(nowMs);
    }
  }

  #openOne(nowMs: number): void {
    const index = this.#free.pop();
    if (index === undefined) return;
    this.#opening++;
    const { listener } = this.#request;
    let stands = false;
    const settle = () => {
      if (--this.#opening === 0) this.#onSettled();
    };
    this.#connections[index] = this.#options.open({
      acknowledged: (sequence, atMs) => {
        this.underWay--;
        listener.acknowledged(sequence, atMs);
      },
      rejected: (sequence, reason, atMs) => {
        this.underWay--;
        listener.rejected(sequence, reason, atMs);
      },
      timedOut: (sequence, atMs) => {
        this.underWay--;
        listener.timedOut(sequence, atMs);
      },
      failed: (sequence, failure, atMs) => {
        this.underWay--;
        listener.failed(sequence, failure, atMs);
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
        this.#place(index, 0);
        this.#busy.remove(index);
        if (stands) this.#open--;
        if (failure !== undefined) this.#notOpened(failure, nowMs);
        if (!stands) settle();
      },
    });
  }

  /** Where others stand, they do the work; else what was waiting for it has nowhere to go. */
  #notOpened(failure: SendFailure, startedMs: number): void {
    const nowMs = this.#request.clock.monotonicMs();
    const { host, port } = this.#request.rpc;
    if (this.#lastFailures.length < mostAhead) {
      this.#lastFailures.push(`${host}:${port} gave no connection: ${failure.code}.`);
    }
    if (this.#open > 0) {
      this.#noNewBeforeMs = nowMs + holdOffMs;
      return;
    }
    while (this.#waiting.oldestMs() <= startedMs) {
      this.underWay--;
      this.#request.listener.failed(this.#waiting.shift(), failure, nowMs);
    }
  }

  #changed(index: number): void {
    const connection = this.#connections[index];
    if (connection === undefined || this.#closed) return;
    this.#place(index, connection.load);
    if (this.#waiting.length > 0) this.turn(this.#request.clock.monotonicMs());
  }

  #place(index: number, load: number): void {
    this.#busy.place(index, load);
    const used = Math.min(load, this.#options.requestsPerConnection);
    this.#allUsed += used - (this.#used[index] as number);
    this.#used[index] = used;
  }

  #expire(nowMs: number): void {
    const { requestTimeoutMs, listener } = this.#request;
    const sentAtMs = nowMs - requestTimeoutMs;
    let oldestMs = nowMs;
    for (const [index, connection] of this.#connections.entries()) {
      if (connection === undefined) continue;
      oldestMs = Math.min(oldestMs, connection.expire(sentAtMs, nowMs));
      if (this.#connections[index] === connection) this.#place(index, connection.load);
    }
    while (this.#waiting.oldestMs() <= sentAtMs) {
      this.underWay--;
      listener.timedOut(this.#waiting.shift(), nowMs);
    }
    this.#nextExpiryMs = Math.min(oldestMs, this.#waiting.oldestMs()) + requestTimeoutMs;
  }

  #keepAllAlive(): void {
    for (const [index, connection] of this.#connections.entries()) {
      connection?.keepAlive();
      if (connection !== undefined && this.#connections[index] === connection) this.#changed(index);
    }
  }
}
