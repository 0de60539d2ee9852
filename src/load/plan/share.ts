import type { ClientPlan } from "./client-plan.ts";

/**
 * The transactions of a run that one client sends. They are numbered over the run by their sequence numbers, and among
 * the client's own ones, without gaps, by their index.
 */
export class Share {
  readonly #index: number;
  readonly #of: number;

  constructor({ index, of }: ClientPlan["share"]) {
    this.#index = index;
    this.#of = of;
  }

  /** How many of the run's first `sequences` transactions are this client's. */
  countOf(sequences: number): number {
    return Math.max(0, Math.ceil((sequences - this.#index) / this.#of));
  }

  sequenceOf(index: number): number {
    return index * this.#of + this.#index;
  }

  /** Of a transaction of this client's; of another's, its index there. */
  indexOf(sequence: number): number {
    return this.#of === 1 ? sequence : Math.floor(sequence / this.#of);
  }

  has(sequence: number): boolean {
    return sequence % this.#of === this.#index;
  }
}

/** One of `of` equal parts of a whole number, which add up to it: the first ones have what is left over. */
export function partOf(whole: number, { index, of }: ClientPlan["share"]): number {
  return Math.floor(whole / of) + (index < whole % of ? 1 : 0);
}

/** Transactions of this client that are under way at any time in a closed loop; undefined where its loop is open. */
export function closedLoopInFlight({
  closedLoop,
  share,
}: Pick<ClientPlan, "closedLoop" | "share">): number | undefined {
  return closedLoop && partOf(closedLoop.inFlight, share);
}
