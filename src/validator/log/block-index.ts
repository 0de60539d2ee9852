/**
 * Where the log holds each accepted block, by author and round. Sixteen bytes a block: it stays for the whole life.
 */
export class BlockIndex {
  readonly #byAuthor: { readonly rounds: number[]; readonly offsets: number[] }[];

  constructor(authors: number) {
    this.#byAuthor = Array.from({ length: authors }, () => ({ rounds: [], offsets: [] }));
  }

  add(author: number, round: number, offset: number): void {
    const index = this.#byAuthor[author];
    if (index === undefined) return;
    // Honest authors come in order; only twins and their followers have to be put in between.
    const at = firstAbove(index.rounds, round);
    index.rounds.splice(at, 0, round);
    index.offsets.splice(at, 0, offset);
  }

  /** Offsets of the blocks of one author and round: several where it equivocated. */
  find(author: number, round: number): number[] {
    return this.range(author, { from: round, to: round, most: Number.MAX_SAFE_INTEGER }).map(
      ({ offset }) => offset,
    );
  }

  /** The first `most` blocks of an author in rounds `from` to `to`, both included, by round. */
  range(
    author: number,
    span: { readonly from: number; readonly to: number; readonly most: number },
  ): { round: number; offset: number }[] {
    const { rounds, offsets } = this.#byAuthor[author] ?? { rounds: [], offsets: [] };
    const found: { round: number; offset: number }[] = [];
    for (let at = firstAbove(rounds, span.from - 1); at < rounds.length && found.length < span.most; at++) {
      const round = rounds[at] ?? 0;
      if (round > span.to) break;
      found.push({ round, offset: offsets[at] ?? 0 });
    }
    return found;
  }

  /** Highest round of an author, 0 before its first block. */
  highestRound(author: number): number {
    return this.#byAuthor[author]?.rounds.at(-1) ?? 0;
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
