import type { Stage } from "./stage.ts";

const committedBit = 8;
const stageBits = 7;

/**
 * What is known of the latest transactions, by sequence number, in memory of a fixed size: about 25 bytes each.
 * A transaction is forgotten when the one `capacity` later takes its slot.
 */
export class TransactionRing {
  readonly capacity: number;
  /** Milliseconds on the monotonic clock, by slot. */
  readonly dueMs: Float64Array;
  readonly sentMs: Float64Array;
  readonly #sequences: Float64Array;
  readonly #states: Uint8Array;

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.dueMs = new Float64Array(capacity);
    this.sentMs = new Float64Array(capacity);
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

  put(sequence: number, dueMs: number, first: Stage): void {
    const slot = this.slotFor(sequence);
    this.#sequences[slot] = sequence;
    this.#states[slot] = first;
    this.dueMs[slot] = dueMs;
    this.sentMs[slot] = Number.NaN;
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
