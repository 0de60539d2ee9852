import type { Block, BlockRef } from "./block.ts";
import { Suspension } from "./suspension.ts";
import type { BlockRules } from "./validity.ts";

/** What became of a block handed to the DAG. */
export type Insertion =
  /** `blocks`: it and every suspended block that it released, causes first. */
  | { readonly outcome: "accepted"; readonly blocks: readonly Block[] }
  /** Some of its refs are not accepted yet. `missing`: those of them that are not held either. */
  | { readonly outcome: "suspended"; readonly missing: readonly BlockRef[] }
  /** Held already, or obsolete. */
  | { readonly outcome: "known" };

/** What stays of a committed block once its content has left memory. */
export interface CommittedBlock {
  readonly ref: BlockRef;
  readonly timestampMs: number;
}

/** Where a DAG begins that knows only the state after some commit. */
export interface DagStart {
  readonly gcRound: number;
  /** Every committed block above it. */
  readonly committed: readonly CommittedBlock[];
}

/** What the garbage collection brought about. */
export interface Collected {
  /** Blocks that waited only for obsolete ones, accepted now, causes first. */
  readonly released: readonly Block[];
  /** Accepted blocks that were not committed, and never will be. */
  readonly lost: readonly Block[];
}

interface Round {
  /** By author; twins stand side by side, the first accepted one first. */
  readonly blocks: (readonly Block[] | undefined)[];
  readonly committed: Map<string, CommittedBlock>;
  authors: number;
}

const none: readonly Block[] = [];

/**
 * The blocks of one validator above its garbage collection round: accepted ones, whose whole history above that round
 * is accepted, and suspended ones. What is at or below the round is *obsolete*: it counts as accepted, and is not kept.
 *
 * Blocks must be valid (see `findInvalidity`) and signed. Twins (two blocks of one author and round) are both kept:
 * others may have built on either.
 *
 * Why collecting is safe: a leader of round r orders only what is above r - gcDepth, and the round lies no higher until
 * that leader is committed, so that whoever accepted the leader had accepted all of that first. Why it is live: whoever
 * commits the leader holds what decided it, and can serve it to those whose round is lower still.
 */
export class Dag {
  readonly #rules: BlockRules;
  readonly #accepted = new Map<string, Block>();
  readonly #rounds = new Map<number, Round>();
  readonly #suspension = new Suspension();
  readonly #highestByAuthor: number[];
  readonly #twinsByAuthor: number[];
  #gcRound: number;
  #clock: number;
  #highestRound = 0;
  #equivocations = 0;
  #acceptances = 0;

  constructor(rules: BlockRules, start: DagStart = { gcRound: 0, committed: [] }) {
    this.#rules = rules;
    this.#gcRound = start.gcRound;
    this.#clock = start.committed.length === 0 ? 1 : 0;
    this.#highestByAuthor = new Array<number>(rules.committee.size).fill(start.gcRound);
    this.#twinsByAuthor = new Array<number>(rules.committee.size).fill(0);
    for (const block of start.committed) {
      this.#roundAt(block.ref.round).committed.set(block.ref.key, block);
      this.#noteHighest(block.ref);
    }
  }

  /** Threshold clock: 1 + the highest round that holds blocks of at least Q authors; 0 where none is known. */
  get clock(): number {
    return this.#clock;
  }

  /** Everything at or below this round is obsolete. */
  get gcRound(): number {
    return this.#gcRound;
  }

  /** Highest round of an accepted block. */
  get highestRound(): number {
    return this.#highestRound;
  }

  /** Blocks accepted beside an earlier one of the same author and round. */
  get equivocations(): number {
    return this.#equivocations;
  }

  /** Blocks accepted so far: where it is the same, so is what follows from them. */
  get acceptances(): number {
    return this.#acceptances;
  }

  /** Those of an author that are not obsolete. */
  twinsOf(author: number): number {
    return this.#twinsByAuthor[author] ?? 0;
  }

  /** How many blocks are in memory, and of how many it is known that they are committed. */
  get sizes(): { readonly accepted: number; readonly suspended: number; readonly committed: number } {
    let committed = 0;
    for (const round of this.#rounds.values()) committed += round.committed.size;
    return { accepted: this.#accepted.size, suspended: this.#suspension.size, committed };
  }

  /** Highest accepted round of an author; where it has none, the round that its blocks count from. */
  highestRoundOf(author: number): number {
    return this.#highestByAuthor[author] ?? 0;
  }

  /** An accepted block whose content is in memory. */
  get(key: string): Block | undefined {
    return this.#accepted.get(key);
  }

  isAccepted(ref: BlockRef): boolean {
    return ref.round <= this.#gcRound || this.#accepted.has(ref.key) || this.isCommitted(ref);
  }

  isSuspended(ref: Pick<BlockRef, "key">): boolean {
    return this.#suspension.has(ref.key);
  }

  /** The highest suspended block of an author. */
  highestSuspendedOf(author: number): Block | undefined {
    return this.#suspension.highestOf(author);
  }

  /** Whether suspended blocks of other authors wait for this one, also by way of others. */
  isMissingToOthers(ref: BlockRef): boolean {
    return this.#suspension.isMissingToOthers(ref);
  }

  /** What suspended blocks wait for and is not held. */
  missing(): BlockRef[] {
    return this.#suspension.missing();
  }

  /** Whether a suspended block waits for exactly this one. */
  isMissing(ref: Pick<BlockRef, "key">): boolean {
    return this.#suspension.isMissing(ref.key);
  }

  /** Whether a block above the garbage collection round is committed. */
  isCommitted(ref: BlockRef): boolean {
    return this.#rounds.get(ref.round)?.committed.has(ref.key) ?? false;
  }

  /** The time that an accepted or committed block claims, the genesis included. */
  timestampOf(ref: BlockRef): number | undefined {
    if (ref.round === 0) return this.#rules.genesisTimeMs;
    const block = this.#accepted.get(ref.key) ?? this.#rounds.get(ref.round)?.committed.get(ref.key);
    return block?.timestampMs;
  }

  /** Accepted blocks of one author and round, in the order of their acceptance. */
  blocksOf(author: number, round: number): readonly Block[] {
    return this.#rounds.get(round)?.blocks[author] ?? none;
  }

  /** Accepted blocks of a round by author; holes where an author has none. */
  blocksAt(round: number): readonly (readonly Block[] | undefined)[] {
    return this.#rounds.get(round)?.blocks ?? [];
  }

  /** How many authors have accepted blocks of a round. */
  authorsAt(round: number): number {
    return this.#rounds.get(round)?.authors ?? 0;
  }

  /** Everything committed that is not obsolete. */
  committedBlocks(): CommittedBlock[] {
    return [...this.#rounds.values()].flatMap((round) => [...round.committed.values()]);
  }

  /** Accepted blocks that are not committed yet, causes first. */
  uncommittedBlocks(): Block[] {
    const blocks = [...this.#accepted.values()].filter((block) => !this.isCommitted(block.ref));
    return blocks.sort((a, b) => a.ref.round - b.ref.round);
  }

  insert(block: Block): Insertion {
    const { ref } = block;
    if (this.isAccepted(ref) || this.isSuspended(ref)) return { outcome: "known" };
    const missing = block.refs.filter((each) => !this.isAccepted(each));
    if (missing.length === 0) return { outcome: "accepted", blocks: this.#accept([block]) };
    this.#suspension.add(block, missing);
    return { outcome: "suspended", missing: missing.filter((each) => !this.isSuspended(each)) };
  }

  /** @param block accepted */
  markCommitted({ ref, timestampMs }: Block): void {
    this.#rounds.get(ref.round)?.committed.set(ref.key, { ref, timestampMs });
  }

  /** Makes everything at or below a round obsolete. */
  collect(gcRound: number): Collected {
    const lost: Block[] = [];
    for (let round = this.#gcRound + 1; round <= gcRound; round++) {
      const place = this.#rounds.get(round);
      if (place === undefined) continue;
      for (const [author, twins] of place.blocks.entries()) {
        if (twins !== undefined) this.#countTwins(author, 1 - twins.length);
      }
      for (const block of place.blocks.flatMap((twins) => twins ?? none)) {
        this.#accepted.delete(block.ref.key);
        if (!place.committed.has(block.ref.key)) lost.push(block);
      }
      this.#rounds.delete(round);
    }
    this.#gcRound = Math.max(this.#gcRound, gcRound);
    const released: Block[] = [];
    this.#suspension.collect(this.#gcRound, released);
    return { lost, released: this.#accept(released) };
  }

  /** Accepts blocks whose refs are all accepted, and whatever waited for them: the list grows while it is walked. */
  #accept(blocks: Block[]): Block[] {
    for (let next = 0; next < blocks.length; next++) {
      const block = blocks[next];
      if (block === undefined) continue;
      this.#accepted.set(block.ref.key, block);
      this.#acceptances++;
      this.#place(block);
      this.#noteHighest(block.ref);
      if (block.ref.round > this.#highestRound) this.#highestRound = block.ref.round;
      this.#suspension.resolve(block.ref.key, blocks);
    }
    return blocks;
  }

  #place(block: Block): void {
    const { author, round } = block.ref;
    const place = this.#roundAt(round);
    const twins = place.blocks[author];
    if (twins === undefined) {
      place.blocks[author] = [block];
      place.authors++;
    } else {
      place.blocks[author] = [...twins, block];
      this.#equivocations++;
      this.#countTwins(author, 1);
    }
    if (place.authors >= this.#rules.committee.quorum && round >= this.#clock) this.#clock = round + 1;
  }

  #countTwins(author: number, more: number): void {
    this.#twinsByAuthor[author] = this.twinsOf(author) + more;
  }

  #noteHighest({ author, round }: BlockRef): void {
    if (round > (this.#highestByAuthor[author] ?? 0)) this.#highestByAuthor[author] = round;
  }

  #roundAt(round: number): Round {
    const known = this.#rounds.get(round);
    if (known !== undefined) return known;
    const place: Round = { blocks: [], committed: new Map(), authors: 0 };
    this.#rounds.set(round, place);
    return place;
  }
}
