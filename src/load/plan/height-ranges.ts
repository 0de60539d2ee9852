/** Ranges that are kept; heights come one after the other, so there are few. */
const mostRanges = 10_000;

/** Heights that were not compared and are told, so that nodes can be asked for them afterwards. */
export const reportedHeights = 1_000;

export interface HeightRange {
  readonly from: number;
  readonly to: number;
}

/** Remembers many heights in little memory, where most follow the one before. */
export class HeightRanges {
  readonly #ranges: { readonly from: number; to: number }[] = [];

  /** Heights that start a range of their own are forgotten once there are very many ranges. */
  add(height: number): void {
    const last = this.#ranges.at(-1);
    if (last !== undefined && height === last.to + 1) last.to = height;
    else if (this.#ranges.length < mostRanges) this.#ranges.push({ from: height, to: height });
  }

  has(height: number): boolean {
    return this.#ranges.some(({ from, to }) => from <= height && height <= to);
  }

  /** All of them, in the order of their coming; past `most`, that many, spread evenly with the first and the last. */
  spread(most: number): number[] {
    return spreadHeights(this.#ranges, most);
  }
}

/** All heights of these ranges, in their order; past `most`, that many, spread evenly with the first and the last. */
export function spreadHeights(ranges: readonly HeightRange[], most = reportedHeights): number[] {
  const count = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const reported = Math.min(count, most);
  const wanted = Array.from({ length: reported }, (_, i) =>
    reported === count ? i : Math.round((i * (count - 1)) / (reported - 1)),
  );
  const heights: number[] = [];
  let before = 0;
  let next = 0;
  for (const { from, to } of ranges) {
    const end = before + to - from + 1;
    for (let place = wanted[next]; place !== undefined && place < end; place = wanted[++next]) {
      heights.push(from + place - before);
    }
    before = end;
  }
  return heights;
}
