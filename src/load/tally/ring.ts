import type { ReplyFate } from "../../contracts/results/latency.ts";
import type { Pacer } from "../pacing/pacer.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { Share } from "../plan/share.ts";
import type { Miss } from "../transport/transport.ts";

/** How far a transaction has come. The fates by reply stand from `acknowledged` on. */
export const stage = {
  queued: 0,
  inFlight: 1,
  /** Dropped, or cut by the end. */
  unsent: 2,
  acknowledged: 3,
  rejected: 4,
  timedOut: 5,
  /** The connection broke after the request may have reached the node. */
  connectionFailed: 6,
  /** No connection was made, so the node cannot have the transaction. */
  unreached: 7,
} as const;

export type Stage = (typeof stage)[keyof typeof stage];

/** The stage that each other end of a request leads to. */
export const stageOf = {
  rejected: stage.rejected,
  timedOut: stage.timedOut,
  broken: stage.connectionFailed,
  unreachable: stage.unreached,
  unsent: stage.unreached,
} as const satisfies Record<Miss["kind"], Stage>;

/** The fate by reply at each stage; undefined before the reply. */
export const fates = [
  ...[undefined, undefined, undefined],
  ...(["acknowledged", "rejected", "timedOut", "connectionFailed", "connectionFailed"] as const),
] as const satisfies readonly (ReplyFate | undefined)[];

const stageBits = 7;
const committedBit = 8;
const elsewhereBit = 16;

/**
 * What is known of a client's latest transactions, by index, in memory of a fixed size: about 30 bytes each, which the
 * system gives as they are first used. A transaction is forgotten when the one `capacity` later takes its slot.
 */
export class TransactionRing {
  readonly capacity: number;
  /** When it is due, milliseconds on the monotonic clock, by slot. */
  readonly dueMs: Float64Array;
  /** Likewise when it was sent: at last, where one target after another was tried. Of what was never sent, nothing. */
  readonly sentMs: Float64Array;
  /** Place in the plan of the target that it was sent to last, its own before that. */
  readonly targets: Uint16Array;
  /** The part of the run that it counts in, see `SegmentBook`. */
  readonly parts: Uint16Array;
  /** One more than the index of who is in a slot; 0 where nobody is. */
  readonly #holders: Float64Array;
  readonly #states: Uint8Array;
  readonly #mask: number;

  /** @param capacity a power of two, at most 2³¹ */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#mask = capacity - 1;
    this.dueMs = new Float64Array(capacity);
    this.sentMs = new Float64Array(capacity);
    this.targets = new Uint16Array(capacity);
    this.parts = new Uint16Array(capacity);
    this.#holders = new Float64Array(capacity);
    this.#states = new Uint8Array(capacity);
  }

  /** The slot that this index uses, whoever is in it. */
  slotFor(index: number): number {
    // Exact for every whole number: the lowest 32 bits are kept.
    return index & this.#mask;
  }

  /** Whether that transaction is in the slot. */
  holds(slot: number, index: number): boolean {
    return this.#holders[slot] === index + 1;
  }

  /** The index of who is in a slot; below 0 where nobody is. */
  indexAt(slot: number): number {
    return (this.#holders[slot] as number) - 1;
  }

  /** Puts a transaction in, as one that waits to be sent; the rest of what is known of it is to be set as well. */
  put(slot: number, index: number): void {
    this.#holders[slot] = index + 1;
    this.#states[slot] = stage.queued;
  }

  stageAt(slot: number): Stage {
    return ((this.#states[slot] as number) & stageBits) as Stage;
  }

  setStage(slot: number, next: Stage): void {
    this.#states[slot] = ((this.#states[slot] as number) & ~stageBits) | next;
  }

  /** Whether it was sent to another target than its own, at last. */
  isElsewhere(slot: number): boolean {
    return ((this.#states[slot] as number) & elsewhereBit) !== 0;
  }

  setElsewhere(slot: number, elsewhere: boolean): void {
    this.#states[slot] = ((this.#states[slot] as number) & ~elsewhereBit) | (elsewhere ? elsewhereBit : 0);
  }

  /** It waits to be sent, or for its reply. */
  awaitsReply(slot: number): boolean {
    return this.stageAt(slot) <= stage.inFlight;
  }

  /** A reply or a commit may still come. */
  awaitsAnything(slot: number): boolean {
    const at = this.stageAt(slot);
    if (at <= stage.inFlight) return true;
    const mayCommit = at === stage.acknowledged || at === stage.timedOut || at === stage.connectionFailed;
    return mayCommit && !this.isCommitted(slot);
  }

  isCommitted(slot: number): boolean {
    return ((this.#states[slot] as number) & committedBit) !== 0;
  }

  setCommitted(slot: number): void {
    this.#states[slot] = (this.#states[slot] as number) | committedBit;
  }
}

const remembranceSecs = 300;
/** Most that all clients together remember for that, whatever the load, at about 30 bytes each. */
const mostRemembered = { commits: 2 ** 24, replies: 2 ** 20 };

/** Least that the clients of a closed loop remember together: its rate is known once it runs, and may be 7,000 tx/s. */
const leastInClosedLoop = 2 ** 21;

/**
 * How many of a client's transactions are kept in mind: a power of two, in which there is room for all that may wait or
 * be under way, and for those of the last 300 s (a closed loop's, at the rate that it is taken to have).
 */
export function ringCapacity(plan: ClientPlan, pacer: Pacer, commitsObservable: boolean): number {
  const { of } = plan.share;
  const most = commitsObservable ? mostRemembered.commits : mostRemembered.replies;
  const isClosed = plan.closedLoop !== undefined;
  const remembered = Math.min(plan.rateTps * remembranceSecs, most) / of;
  const least = isClosed ? Math.floor(Math.min(leastInClosedLoop, most) / of) - 1 : 0;
  const wanted = Math.max(plan.maxInFlight + plan.queueLimit + remembered, least);
  const own = isClosed ? Number.POSITIVE_INFINITY : new Share(plan.share).countOf(pacer.transactions);
  return 2 ** Math.ceil(Math.log2(Math.min(wanted, own) + 1));
}
