import { cpuUsage } from "node:process";
import type { RpcLimits } from "./limits.ts";

/** A client, as the scheduler sees it. */
export interface Served {
  /** When it last read something of what is held for it. */
  progressMs: number;
  /** Serves one request. Returns whether another one may follow. */
  readonly serveNext: () => boolean;
  /** Ends the connection. The client is forgotten with that. */
  readonly hangUp: () => void;
}

/** Bytes that several clients wait to read: they are in memory once. */
export interface SharedBytes {
  readonly bytes: number;
  holders: number;
}

/** Bytes that stay in memory until a client has read them, or its request is served. */
export interface Hold {
  readonly client: Served;
  readonly sinceMs: number;
  bytes: number;
  readonly shared: SharedBytes | undefined;
}

type Limits = Pick<RpcLimits, "turnMs" | "heldBytes" | "patienceMs">;

/**
 * Shares one process among its clients. Time: in each turn of the event loop, requests are served for a few milliseconds,
 * one client after the other, so that consensus goes on. Memory: large replies wait while too much is held, and who has
 * read nothing for the longest time is hung up on.
 */
export class Scheduler {
  readonly #limits: Limits;
  /** Clients with requests that may be served, in the order of their turns. */
  readonly #ready = new Set<Served>();
  /** What goes on in later turns, one in each. */
  readonly #later: (() => void)[] = [];
  /** Large replies that wait for room. */
  #wanting: { readonly client: Served; readonly go: () => void }[] = [];
  readonly #holds = new Set<Hold>();
  #heldBytes = 0;
  #turnEndMs = 0;
  /** 0 where nobody waited when the turn began. */
  #turnEndCpuMs = 0;
  #isTurnOpen = false;
  #isWatched = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether this turn of the event loop has time left for a step. */
  hasTime(): boolean {
    if (!this.#isTurnOpen) this.#openTurn();
    return performance.now() < this.#turnEndMs || (this.#turnEndCpuMs > 0 && cpuMs() < this.#turnEndCpuMs);
  }

  enlist(client: Served): void {
    this.#ready.add(client);
    if (!this.#isTurnOpen) this.#openTurn();
  }

  /** Goes on in a later turn. */
  later(goOn: () => void): void {
    this.#later.push(goOn);
    if (!this.#isTurnOpen) this.#openTurn();
  }

  /** Resolves once there is room for a large reply, and none other is made in that turn; undefined: at once. */
  whenRoom(client: Served): Promise<void> | undefined {
    // Others may wait for small ones, which are not to stand in line behind many large ones.
    if (this.#hasRoom && this.#ready.size === 0 && this.#wanting.length === 0) return undefined;
    if (this.#hasRoom && !this.#isTurnOpen) this.#openTurn();
    this.#watch();
    return new Promise((go) => this.#wanting.push({ client, go }));
  }

  /** Counts bytes until `release`. */
  hold(client: Served, bytes: number, shared?: SharedBytes): Hold {
    const hold = { client, sinceMs: performance.now(), bytes: 0, shared };
    this.#holds.add(hold);
    if (shared !== undefined && shared.holders++ === 0) this.#heldBytes += shared.bytes;
    this.grow(hold, bytes);
    return hold;
  }

  /** Adds to what is held. Events and requests cannot wait for room: the slowest clients go at once. */
  grow(hold: Hold, bytes: number): void {
    if (!this.#holds.has(hold)) return;
    hold.bytes += bytes;
    this.#heldBytes += bytes;
    while (this.#heldBytes > 2 * this.#limits.heldBytes && this.#hangUpSlowest());
  }

  release(hold: Hold): void {
    if (!this.#holds.delete(hold)) return;
    hold.client.progressMs = performance.now();
    this.#heldBytes -= hold.bytes;
    if (hold.shared !== undefined && --hold.shared.holders === 0) this.#heldBytes -= hold.shared.bytes;
    if (this.#wanting.length > 0 && !this.#isTurnOpen) this.#openTurn();
  }

  /** Releases all that a client held, and makes nothing more for it. */
  forget(client: Served): void {
    this.#ready.delete(client);
    if (this.#wanting.length > 0) this.#wanting = this.#wanting.filter((each) => each.client !== client);
    for (const hold of this.#holds) if (hold.client === client) this.release(hold);
  }

  get #hasRoom(): boolean {
    return this.#heldBytes < this.#limits.heldBytes;
  }

  #openTurn(): void {
    this.#isTurnOpen = true;
    this.#turnEndMs = performance.now() + this.#limits.turnMs;
    this.#turnEndCpuMs = 0;
    setImmediate(this.#takeTurn);
  }

  readonly #takeTurn = (): void => {
    this.#isTurnOpen = false;
    if (this.#ready.size === 0 && this.#later.length === 0 && !this.#mayWake) return;
    this.#openTurn();
    if (this.#ready.size > 0) this.#turnEndCpuMs = cpuMs() + this.#limits.turnMs;
    for (const client of this.#ready) {
      this.#ready.delete(client);
      if (client.serveNext()) this.#ready.add(client);
      if (!this.hasTime()) break;
    }
    this.#later.shift()?.();
    this.#wake();
  };

  get #mayWake(): boolean {
    return this.#wanting.length > 0 && this.#hasRoom;
  }

  /** One in each turn, the newest first: those who wait for long are mostly those who do not read. */
  #wake(): void {
    if (this.#mayWake) this.#wanting.pop()?.go();
  }

  /** Hangs up on the client that has read nothing for the longest time, if for this long. Returns whether it did. */
  #hangUpSlowest(patienceMs = 0): boolean {
    let slowest: Served | undefined;
    let sinceMs = performance.now() - patienceMs;
    for (const hold of this.#holds) {
      const movedMs = Math.max(hold.sinceMs, hold.client.progressMs);
      if (movedMs > sinceMs) continue;
      slowest = hold.client;
      sinceMs = movedMs;
    }
    slowest?.hangUp();
    return slowest !== undefined;
  }

  /** As long as large replies wait for room, makes some of clients that do not read. */
  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const { patienceMs } = this.#limits;
    setTimeout(() => {
      this.#isWatched = false;
      while (!this.#hasRoom && this.#hangUpSlowest(patienceMs));
      if (this.#wanting.length > 0) this.#watch();
    }, patienceMs / 8).unref();
  }
}

/** Time that this process has had on a core. */
function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
