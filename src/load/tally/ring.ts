import { type Stage, stage } from "./stage.ts";

const committedBit = 8;
const stageBits = 7;

/** A transaction that enters the ring. */
export interface RingEntry {
  readonly sequence: number;
  /** On the monotonic clock. */
  readonly dueMs: number;
  /** Place of its own target in the plan. */
  readonly target: number;
  /** The part of the run that it counts in, see `StretchBook`. */
  readonly part: number;
}

/**
 * What is known of the latest transactions, by sequence number, in memory of a fixed size: about 30 bytes each.
 * A transaction is forgotten when the one `capacity` later takes its slot.
 */
export class TransactionRing {
  readonly capacity: number;
  /** Milliseconds on the monotonic clock, by slot. */
  readonly dueMs: Float64Array;
  /** Likewise; of the latest request, where one target after another was tried. */
  readonly sentMs: Float64Array;
  /** Place in the plan of the target that it was sent to last, its own before that. */
  readonly targets: Uint16Array;
  readonly parts: Uint16Array;
  readonly #sequences: Float64Array;
  readonly #states: Uint8Array;

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.dueMs = new Float64Array(capacity);
    this.sentMs = new Float64Array(capacity);
    this.targets = new Uint16Array(capacity);
    this.parts = new Uint16Array(capacity);
    this.#sequences = new Float64Array(capacity).fill(-1);
    this.#states = new Uint8Array(capacity);
  }

  /** The slot that this sequence number uses, whoever is in it. */
  slotFor(sequence: number): number {
    return sequence % this.capacity;
  }

  /** The slot that holds it; undefined where it was never put in, or is forgotten. */
  find(sequence: number): number | undefined {
    const slot = this.slotFor(sequence);
    return this.#sequences[slot] === sequence ? slot : undefined;
  }

  /** Who is in a slot; undefined where nobody is. */
  sequenceAt(slot: number): number | undefined {
    const sequence = this.#sequences[slot] ?? -1;
    return sequence < 0 ? undefined : sequence;
  }

  /** Puts a transaction in, as one that waits to be sent. */
  put({ sequence, dueMs, target, part }: RingEntry): void {
    const slot = this.slotFor(sequence);
    this.#sequences[slot] = sequence;
    this.#states[slot] = stage.queued;
    this.dueMs[slot] = dueMs;
    this.sentMs[slot] = Number.NaN;
    this.targets[slot] = target;
    this.parts[slot] = part;
  }

  stageAt(slot: number): Stage {
    return ((this.#states[slot] ?? 0) & stageBits) as Stage;
  }

  setStage(slot: number, next: Stage): void {
    this.#states[slot] = ((this.#states[slot] ?? 0) & committedBit) | next;
  }

  isCommitted(slot: number): boolean {
    return ((this.#states[slot] ?? 0) & committedBit) !== 0;
  }

  setCommitted(slot: number): void {
    this.#states[slot] = (this.#states[slot] ?? 0) | committedBit;
  }
}
