import { Share } from "../plan/share.ts";
import { mergeReasons } from "../tally/reasons.ts";
import type { Tally } from "../tally/tally.ts";
import type { TransportListener } from "../transport/transport.ts";
import { type Lane, openLanes } from "./lane.ts";
import { connectionsFor, guarded, openRoute, type Route, type RouteRequest } from "./route.ts";

export interface DispatcherRequest extends Omit<RouteRequest, "connections" | "listener"> {
  readonly tally: Tally;
  /** Called with what should not happen: a transport, or the protocol's own code, failed. */
  readonly onError: (error: unknown) => void;
  /** Called when something was sent outside of a turn, which is to come soon then. */
  readonly onSent: () => void;
  /** Called when one has ended; not needed where nothing waits for that. */
  readonly onEnded?: (() => void) | undefined;
}

/**
 * Sends a client's transactions, told apart by their index, each to one node at most. Every target's transactions have
 * an equal share of the in-flight cap, with connections for all of it, and of the queue, so a node that hangs holds up
 * its own transactions alone. What finds no place waits here, in order, which counts in due-based latencies; past the
 * queue's share it is dropped.
 *
 * With failover, transactions whose target is down go on to the next one that is not, within their own target's share:
 * those of the next one keep theirs. Only what cannot have been delivered is sent again.
 */
export class Dispatcher implements Disposable {
  /** A due transaction of the window had to wait for a place in flight by the cap's doing, see `CapWatch`. */
  capReached = false;
  /** Something was sent since the last turn began. */
  hasUnwritten = false;
  /** Transactions that were offered and have not ended. */
  open = 0;
  readonly #request: DispatcherRequest;
  readonly #tally: Tally;
  readonly #share: Share;
  readonly #failover: boolean;
  readonly #routes: readonly Route[];
  readonly #lanes: readonly Lane[];
  #stopped = false;

  constructor(request: DispatcherRequest) {
    const { plan, tally, code, onError } = request;
    this.#request = request;
    this.#tally = tally;
    this.#share = new Share(plan.share);
    this.#failover = plan.failover;
    this.#lanes = openLanes(plan);
    const connections = connectionsFor(plan, Math.max(...this.#lanes.map((lane) => lane.inFlightShare)));
    const way = { ...request, connections, code: guarded(code, onError) };
    this.#routes = plan.targets.map(({ rpc }, place) =>
      openRoute(rpc, { ...way, listener: this.#listener(place) }),
    );
  }

  /** Opens connections. @returns what a person should know, a sentence each */
  async prepare(signal: AbortSignal): Promise<string[]> {
    const notes = await Promise.all(this.#routes.map(({ transport }) => transport.prepare(signal)));
    return notes.flat();
  }

  /** Takes a transaction that is due: sends it, or lets it wait, or drops it. */
  offer(index: number, nowMs: number): void {
    this.open++;
    const lane = this.#laneOf(index);
    const place = lane.waiting.length === 0 ? this.#freePlace(lane, nowMs) : nowhere;
    if (place !== nowhere) {
      lane.inFlight++;
      this.#send(index, place, nowMs);
      return;
    }
    if (this.#tally.book.has(index) && lane.capWatch.holdsUp(nowMs)) this.capReached = true;
    if (lane.waiting.length < lane.queueShare) lane.waiting.push(index);
    else {
      this.open--;
      this.#tally.dropped(index, nowMs);
    }
  }

  /** Has all that was sent leave. To be called at the end of each turn in which something was, and every 50 ms. */
  turn(nowMs: number, isOverdue: boolean): void {
    for (const lane of this.#lanes) if (lane.waiting.length > 0) this.#sendWaiting(lane, nowMs);
    this.hasUnwritten = false;
    for (const route of this.#routes) {
      if (!route.isDirty && !isOverdue) continue;
      route.isDirty = false;
      route.transport.turn(nowMs);
    }
  }

  /** From now on nothing is sent, and replies are no longer counted. */
  stop(): void {
    this.#stopped = true;
  }

  /** Replies of all nodes that belong to nothing that was awaited, by kind. */
  strayReplies(): ReadonlyMap<string, number> {
    return mergeReasons(this.#routes.map(({ transport }) => transport.strays?.() ?? new Map()));
  }

  /** Stops, and closes every connection at once. */
  [Symbol.dispose](): void {
    this.stop();
    for (const { transport } of this.#routes) transport.close();
  }

  #listener(place: number): TransportListener {
    return {
      acknowledged: (sequence, nowMs) => {
        if (this.#stopped) return;
        const index = this.#share.indexOf(sequence);
        const lane = this.#replied(index, place, nowMs);
        this.#tally.acknowledged(index, nowMs);
        this.#release(lane, nowMs);
      },
      missed: (sequence, miss, nowMs) => {
        if (this.#stopped) return;
        const index = this.#share.indexOf(sequence);
        if (miss.kind === "rejected") this.#replied(index, place, nowMs);
        else (this.#routes[place] as Route).reachability.failed(miss.kind, nowMs);
        const lane = this.#laneOf(index);
        const next = miss.kind === "unreachable" ? this.#placeAfter(place, lane) : nowhere;
        if (next !== nowhere) this.#send(index, next, nowMs);
        else {
          this.#tally.missed(index, miss, nowMs);
          this.#release(lane, nowMs);
        }
      },
    };
  }

  /** The node at that place replied. @returns the lane that the transaction came by */
  #replied(index: number, place: number, nowMs: number): Lane {
    (this.#routes[place] as Route).reachability.replied();
    const lane = this.#failover ? this.#laneOf(index) : (this.#lanes[place] as Lane);
    lane.capWatch.replied(nowMs, this.#tally.sinceSentMs(index, nowMs));
    return lane;
  }

  /** One of the lane's has ended: the next one may go. */
  #release(lane: Lane, nowMs: number): void {
    lane.inFlight--;
    this.open--;
    this.#request.onEnded?.();
    if (lane.waiting.length > 0) this.#sendWaiting(lane, nowMs);
  }

  #sendWaiting(lane: Lane, nowMs: number): void {
    for (;;) {
      const place = this.#freePlace(lane, nowMs);
      if (place === nowhere) return;
      const index = lane.waiting.shift();
      if (index === undefined) return;
      lane.inFlight++;
      this.#send(index, place, nowMs);
    }
  }

  #send(index: number, place: number, nowMs: number): void {
    const route = this.#routes[place] as Route;
    route.reachability.trying();
    this.#tally.sent(index, place, nowMs);
    try {
      route.transport.send(this.#share.sequenceOf(index));
    } catch (error) {
      // Replies are read where nobody could catch it.
      this.#request.onError(error);
      return;
    }
    route.isDirty = true;
    this.hasUnwritten = true;
    this.#request.onSent();
  }

  #laneOf(index: number): Lane {
    const count = this.#lanes.length;
    return this.#lanes[count === 1 ? 0 : index % count] as Lane;
  }

  /** Where the lane's next one may go now; nowhere while it has to wait. */
  #freePlace(lane: Lane, nowMs: number): number {
    if (this.#stopped || lane.inFlight >= lane.inFlightShare) return nowhere;
    const place = this.#failover ? this.#firstPlace(lane, nowMs) : lane.own;
    return this.#hasRoom(place) ? place : nowhere;
  }

  /** Its own target, unless that is down, not to be tried again yet, and another one is not. */
  #firstPlace(lane: Lane, nowMs: number): number {
    const { reachability } = this.#routes[lane.own] as Route;
    if (!reachability.isDown || reachability.isDueForRetry(nowMs)) return lane.own;
    const next = this.#placeAfter(lane.own, lane);
    return next === nowhere ? lane.own : next;
  }

  /** The next target in turn that can be sent to; nowhere if there is none before it is its own target's turn. */
  #placeAfter(place: number, { own }: Lane): number {
    if (!this.#failover) return nowhere;
    const count = this.#routes.length;
    for (let next = (place + 1) % count; next !== own; next = (next + 1) % count) {
      if (this.#routes[next]?.reachability.isDown === false && this.#hasRoom(next)) return next;
    }
    return nowhere;
  }

  #hasRoom(place: number): boolean {
    const { transport } = this.#routes[place] as Route;
    return transport.underWay < transport.capacity;
  }
}

/** No place in the plan's targets. */
const nowhere = -1;
