import type { Block, BlockRef } from "./block.ts";
import type { BlockRules } from "./validity.ts";

/** What became of a block handed to the DAG. */
export type Insertion =
  /** `blocks`: it and every suspended block that it released, causes first. */
  | { readonly outcome: "accepted"; readonly blocks: readonly Block[] }
  /** Some of its refs are not accepted yet. `missing`: those of them that are not held either. */
  | { readonly outcome: "suspended"; readonly missing: readonly BlockRef[] }
  | { readonly outcome: "known" };

interface Suspended {
  readonly block: Block;
  missing: number;
}

interface Round {
  /** By author; twins stand side by side, the first accepted one first. */
  readonly blocks: (readonly Block[] | undefined)[];
  authors: number;
}

const none: readonly Block[] = [];

/**
 * The blocks of one validator: accepted ones, whose whole history is accepted, and suspended ones.
 *
 * Blocks must be valid (see `findInvalidity`) and signed. Twins (two blocks of one author and round) are both kept:
 * others may have built on either.
 */
export class Dag {
  readonly #rules: BlockRules;
  readonly #genesis: ReadonlySet<string>;
  readonly #accepted = new Map<string, Block>();
  /** Committed blocks, also those whose content has left memory. */
  readonly #committed = new Set<string>();
  readonly #rounds = new Map<number, Round>();
  readonly #suspended = new Map<string, Suspended>();
  /** Missing ref → the suspended blocks that name it. */
  readonly #waiting = new Map<string, Suspended[]>();
  readonly #suspendedByAuthor: number[];
  readonly #highestByAuthor: number[];
  #clock = 1;
  #highestRound = 0;
  #highestSeen = 0;
  #equivocations = 0;
  #floor = 1;

  constructor(rules: BlockRules) {
    this.#rules = rules;
    this.#genesis = new Set(rules.genesis.map((ref) => ref.key));
    this.#suspendedByAuthor = new Array<number>(rules.committee.size).fill(0);
    this.#highestByAuthor = new Array<number>(rules.committee.size).fill(0);
  }

  /** Threshold clock: 1 + the highest round that holds blocks of at least Q authors. */
  get clock(): number {
    return this.#clock;
  }

  /** Highest round of an accepted block. */
  get highestRound(): number {
    return this.#highestRound;
  }

  /** Highest round of any block seen, suspended ones included. */
  get highestSeenRound(): number {
    return this.#highestSeen;
  }

  /** Blocks accepted beside an earlier one of the same author and round. */
  get equivocations(): number {
    return this.#equivocations;
  }

  /** Highest accepted round of an author, 0 before its first block. */
  highestRoundOf(author: number): number {
    return this.#highestByAuthor[author] ?? 0;
  }

  /** Suspended blocks of an author. */
  suspendedCountOf(author: number): number {
    return this.#suspendedByAuthor[author] ?? 0;
  }

  /** An accepted block whose content is in memory. */
  get(key: string): Block | undefined {
    return this.#accepted.get(key);
  }

  isAccepted(key: string): boolean {
    return this.#accepted.has(key) || this.#committed.has(key) || this.#genesis.has(key);
  }

  isSuspended(key: string): boolean {
    return this.#suspended.has(key);
  }

  /** Whether a suspended block waits for exactly this one. */
  isMissing(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Accepted blocks of one author and round, in the order of their acceptance. */
  blocksOf(author: number, round: number): readonly Block[] {
    return this.#rounds.get(round)?.blocks[author] ?? none;
  }

  /** Accepted blocks of a round by author; holes where an author has none. */
  blocksAt(round: number): readonly (readonly Block[] | undefined)[] {
    return this.#rounds.get(round)?.blocks ?? [];
  }

  insert(block: Block): Insertion {
    const { key, round } = block.ref;
    if (this.isAccepted(key) || this.#suspended.has(key)) return { outcome: "known" };
    if (round > this.#highestSeen) this.#highestSeen = round;
    const missing = block.refs.filter((ref) => !this.isAccepted(ref.key));
    if (missing.length > 0) {
      this.#suspend(block, missing);
      return { outcome: "suspended", missing: missing.filter((ref) => !this.#suspended.has(ref.key)) };
    }
    const blocks = [block];
    // Releases dependants in causal order: the list grows while it is walked.
    for (let next = 0; next < blocks.length; next++) {
      const accepted = blocks[next];
      if (accepted !== undefined) this.#accept(accepted, blocks);
    }
    return { outcome: "accepted", blocks };
  }

  isCommitted(key: string): boolean {
    return this.#committed.has(key) || this.#genesis.has(key);
  }

  markCommitted(ref: BlockRef): void {
    this.#committed.add(ref.key);
    if (ref.round < this.#floor) this.#accepted.delete(ref.key);
  }

  /** Lets the content of committed blocks below a round leave memory; what is not committed stays. */
  pruneBelow(round: number): void {
    for (; this.#floor < round; this.#floor++) {
      const blocks = this.#rounds.get(this.#floor)?.blocks.flatMap((twins) => twins ?? none) ?? none;
      for (const { ref } of blocks) if (this.#committed.has(ref.key)) this.#accepted.delete(ref.key);
      this.#rounds.delete(this.#floor);
    }
  }

  #suspend(block: Block, missing: readonly BlockRef[]): void {
    const suspended: Suspended = { block, missing: missing.length };
    this.#suspended.set(block.ref.key, suspended);
    this.#countSuspended(block, 1);
    for (const ref of missing) {
      const waiting = this.#waiting.get(ref.key);
      if (waiting !== undefined) waiting.push(suspended);
      else this.#waiting.set(ref.key, [suspended]);
    }
  }

  #accept(block: Block, released: Block[]): void {
    const { key, author, round } = block.ref;
    this.#accepted.set(key, block);
    this.#place(block);
    if (round > this.#highestRound) this.#highestRound = round;
    if (round > (this.#highestByAuthor[author] ?? 0)) this.#highestByAuthor[author] = round;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    for (const dependant of waiting) {
      if (--dependant.missing > 0) continue;
      this.#suspended.delete(dependant.block.ref.key);
      this.#countSuspended(dependant.block, -1);
      released.push(dependant.block);
    }
  }

  #place(block: Block): void {
    const { author, round } = block.ref;
    if (round < this.#floor) return;
    let place = this.#rounds.get(round);
    if (place === undefined) {
      place = { blocks: [], authors: 0 };
      this.#rounds.set(round, place);
    }
    const twins = place.blocks[author];
    if (twins === undefined) {
      place.blocks[author] = [block];
      place.authors++;
    } else {
      place.blocks[author] = [...twins, block];
      this.#equivocations++;
    }
    if (place.authors >= this.#rules.committee.quorum && round >= this.#clock) this.#clock = round + 1;
  }

  #countSuspended(block: Block, change: number): void {
    const { author } = block.ref;
    this.#suspendedByAuthor[author] = (this.#suspendedByAuthor[author] ?? 0) + change;
  }
}
