import { type Block, type BlockRef, decodeBlock } from "../consensus/block.ts";
import type { Dag } from "../consensus/dag.ts";
import type { BlockRules } from "../consensus/validity.ts";
import { BlockIndex } from "./block-index.ts";
import { recordTags } from "./record.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

/** Every accepted block of this validator, as bytes: from memory where they still are, else from the log. */
export class BlockStore {
  readonly #log: WriteAheadLog;
  readonly #dag: Dag;
  readonly #rules: BlockRules;
  readonly #index: BlockIndex;

  constructor(log: WriteAheadLog, dag: Dag, rules: BlockRules) {
    this.#log = log;
    this.#dag = dag;
    this.#rules = rules;
    this.#index = new BlockIndex(rules.committee.size);
  }

  /** Appends an accepted block to the log; the caller flushes. */
  append(block: Block, isOwn: boolean): void {
    const tag = isOwn ? recordTags.ownBlock : recordTags.block;
    this.index(block.ref, this.#log.append(tag, block.encoded));
  }

  /** Notes where a replayed block stands. */
  index(ref: BlockRef, position: number): void {
    this.#index.add(ref.author, ref.round, position);
  }

  /** Notes where an indexed block stands once more. */
  move(ref: BlockRef, position: number): void {
    this.#index.move(ref.author, ref.round, position);
  }

  /** Forgets what the log has deleted. */
  forgetDeleted(): void {
    this.#index.forgetBelow(this.#log.start);
  }

  /** Blocks that can be found in the log. */
  get indexedCount(): number {
    return this.#index.size;
  }

  /** Highest round of an author, 0 before its first block. */
  highestRound(author: number): number {
    return this.#index.highestRound(author);
  }

  /** The encoded block of exactly this ref. */
  find(ref: BlockRef): Buffer | undefined {
    const held = this.#dag.get(ref.key);
    if (held !== undefined) return held.encoded;
    for (const position of this.#index.find(ref.author, ref.round)) {
      const encoded = this.#log.read(position)?.payload;
      if (encoded !== undefined && decodeBlock(encoded, this.#rules)?.ref.key === ref.key) return encoded;
    }
    return undefined;
  }

  /** The first `most` blocks of an author in rounds `from` to `to`, both included. Each is read when it is asked for. */
  *range(
    author: number,
    span: { readonly from: number; readonly to: number; readonly most: number },
  ): Generator<{ round: number; encoded: Buffer }> {
    for (const { round, position } of this.#index.range(author, span)) {
      const [only, twin] = this.#dag.blocksOf(author, round);
      const encoded =
        only !== undefined && twin === undefined ? only.encoded : this.#log.read(position)?.payload;
      if (encoded !== undefined) yield { round, encoded };
    }
  }
}
