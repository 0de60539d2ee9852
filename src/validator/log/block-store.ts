import { type Block, type BlockRef, decodeBlock } from "../engine/consensus/block.ts";
import type { Dag } from "../engine/consensus/dag.ts";
import type { BlockRules } from "../engine/consensus/validity.ts";
import type { BlockArchive, RoundSpan } from "../engine/sync/block-serving.ts";
import { BlockIndex } from "./block-index.ts";
import { recordTags } from "./record.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

/** Every accepted block of this validator, as bytes: from memory where they still are, else from the log. */
export class BlockStore implements BlockArchive {
  readonly #log: WriteAheadLog;
  readonly #dag: Dag;
  readonly #rules: BlockRules;
  readonly positions: BlockIndex;

  constructor(log: WriteAheadLog, dag: Dag, rules: BlockRules) {
    this.#log = log;
    this.#dag = dag;
    this.#rules = rules;
    this.positions = new BlockIndex(rules.committee.size);
  }

  /** Appends an accepted block to the log; the caller flushes. */
  append(block: Block, isOwn: boolean): void {
    const tag = isOwn ? recordTags.ownBlock : recordTags.block;
    this.positions.add(block.ref, this.#log.append(tag, block.encoded));
  }

  forgetDeleted(): void {
    this.positions.forgetBelow(this.#log.start);
  }

  find(ref: BlockRef): Buffer | undefined {
    const held = this.#dag.get(ref.key);
    if (held !== undefined) return held.encoded;
    for (const position of this.positions.find(ref)) {
      const encoded = this.#log.read(position)?.payload;
      if (encoded !== undefined && decodeBlock(encoded, this.#rules)?.ref.key === ref.key) return encoded;
    }
    return undefined;
  }

  *range(author: number, span: RoundSpan): Generator<{ round: number; encoded: Buffer }> {
    for (const { round, position } of this.positions.range(author, span)) {
      const [only, twin] = this.#dag.blocksOf(author, round);
      const encoded =
        only !== undefined && twin === undefined ? only.encoded : this.#log.read(position)?.payload;
      if (encoded !== undefined) yield { round, encoded };
    }
  }
}
