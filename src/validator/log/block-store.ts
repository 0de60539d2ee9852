import { type Block, type BlockRef, decodeBlock } from "../engine/consensus/block.ts";
import type { Dag } from "../engine/consensus/dag.ts";
import type { BlockRules } from "../engine/consensus/validity.ts";
import type { BlockArchive, RoundSpan } from "../engine/sync/block-serving.ts";
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

type Place = Pick<BlockRef, "author" | "round">;

/** Where the log holds each accepted block, by author and round: sixteen bytes a block. */
export class BlockIndex {
  readonly #byAuthor: { readonly rounds: number[]; readonly positions: number[]; highest: number }[];

  constructor(authors: number) {
    this.#byAuthor = Array.from({ length: authors }, () => ({ rounds: [], positions: [], highest: 0 }));
  }

  get size(): number {
    return this.#byAuthor.reduce((sum, { rounds }) => sum + rounds.length, 0);
  }

  add({ author, round }: Place, position: number): void {
    const index = this.#byAuthor[author];
    if (index === undefined) return;
    // Honest authors come in order; only twins and their followers have to be put in between.
    const at = firstAbove(index.rounds, round);
    index.rounds.splice(at, 0, round);
    index.positions.splice(at, 0, position);
    if (round > index.highest) index.highest = round;
  }

  /** Notes that the block stands at another position as well; twins, which cannot be told apart here, then count more. */
  move(place: Place, position: number): void {
    const { author, round } = place;
    const index = this.#byAuthor[author];
    const at = index === undefined ? -1 : firstAbove(index.rounds, round) - 1;
    const isOnly = index?.rounds[at] === round && index.rounds[at - 1] !== round;
    if (index !== undefined && isOnly) index.positions[at] = position;
    else this.add(place, position);
  }

  /** Forgets what stands before a position. */
  forgetBelow(position: number): void {
    for (const index of this.#byAuthor) {
      const kept = index.positions.flatMap((each, at) => (each >= position ? at : []));
      const { rounds, positions } = index;
      kept.forEach((from, to) => {
        rounds[to] = rounds[from] ?? 0;
        positions[to] = positions[from] ?? 0;
      });
      rounds.length = kept.length;
      positions.length = kept.length;
    }
  }

  /** Positions of the blocks of one author and round: several where it equivocated. */
  find({ author, round }: Place): number[] {
    return this.range(author, { from: round, to: round, most: Number.MAX_SAFE_INTEGER }).map(
      ({ position }) => position,
    );
  }

  range(author: number, span: RoundSpan): { round: number; position: number }[] {
    const { rounds, positions } = this.#byAuthor[author] ?? { rounds: [], positions: [] };
    const found: { round: number; position: number }[] = [];
    for (let at = firstAbove(rounds, span.from - 1); at < rounds.length && found.length < span.most; at++) {
      const round = rounds[at] ?? 0;
      if (round > span.to) break;
      found.push({ round, position: positions[at] ?? 0 });
    }
    return found;
  }

  /** Highest round ever known of an author, 0 before its first block. */
  highestRound(author: number): number {
    return this.#byAuthor[author]?.highest ?? 0;
  }
}

/** Index of the first value above `limit` in ascending values. */
function firstAbove(values: readonly number[], limit: number): number {
  if ((values.at(-1) ?? 0) <= limit) return values.length;
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
