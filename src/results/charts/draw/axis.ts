/** Scales of charts: domains, and where the grid's lines are. */

export interface Scale {
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

const steps = [1, 2, 5];

/** 1, 2 or 5 times a power of ten: the largest that is not above the value. */
function stepBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const step = steps.findLast((one) => one * power <= value * (1 + 1e-9)) ?? 1;
  return step * power;
}

/** The next one of 1, 2, 5, 10, … */
function nextStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const step = Math.round(value / power);
  return step === 1 ? 2 * power : step === 2 ? 5 * power : 10 * power;
}

/** Around the values, from a line of the 1-2-5 grid to another. Values that are not above 0 have no place there. */
export function logScale(values: readonly number[]): Scale {
  const above = values.filter((value) => value > 0);
  const least = stepBelow(Math.min(...above, Number.MAX_VALUE) === Number.MAX_VALUE ? 1 : Math.min(...above));
  const largest = above.length === 0 ? 10 : Math.max(...above);
  const ticks = [least];
  while ((ticks.at(-1) ?? 1) < largest * (1 - 1e-9)) ticks.push(nextStep(ticks.at(-1) ?? 1));
  if (ticks.length === 1) ticks.push(nextStep(least));
  const domain = [least, ticks.at(-1) ?? 10] as const;
  // Over many decades, a line for each is enough.
  const isWide = ticks.length > 10;
  return { type: "log", domain, ticks: isWide ? ticks.filter((tick) => isPowerOfTen(tick)) : ticks };
}

const isPowerOfTen = (value: number) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

/** From 0, or the least value, to a round one; about `count` lines at multiples of 1, 2 or 5. */
export function linearScale(values: readonly number[], { fromLeast = false, count = 5 } = {}): Scale {
  const largest = Math.max(...values, fromLeast ? Number.NEGATIVE_INFINITY : 0);
  const least = Math.min(...values, fromLeast ? Number.POSITIVE_INFINITY : 0);
  if (!Number.isFinite(largest) || !Number.isFinite(least))
    return { type: "linear", domain: [0, 1], ticks: [0, 1] };
  const span = largest - least || Math.abs(largest) || 1;
  const below = stepBelow(span / count);
  const step = span / below > 1.6 * count ? nextStep(below) : below;
  const first = fromLeast ? least : Math.floor(least / step) * step;
  const last = fromLeast ? largest : Math.ceil(largest / step - 1e-9) * step;
  const ticks: number[] = [];
  for (let at = Math.ceil(first / step - 1e-9); at <= last / step + 1e-9; at++) ticks.push(at * step + 0);
  return { type: "linear", domain: [first, last > first ? last : first + span], ticks };
}

/** Decades of 1 / (1 - q), from the median on. */
export function tailScale(values: readonly number[]): Scale {
  const largest = Math.max(10, ...values);
  const ticks = [2];
  for (let at = 10; at <= largest * 1.001; at *= 10) ticks.push(at);
  return { type: "log", domain: [2, largest], ticks };
}

/** 1k, 20M, 0.5; 90 % at 10 of a tail; 16 MiB of bytes. */
export function tickText(value: number, as?: "bytes" | "tail"): string {
  if (as === "tail") return `${tidy(100 - 100 / value)} %`;
  if (as === "bytes") {
    const power = Math.min(4, value < 1 ? 0 : Math.floor(Math.log2(value) / 10));
    return `${tidy(value / 1024 ** power)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
  }
  if (Math.abs(value) >= 1e6) return `${tidy(value / 1e6)}M`;
  return Math.abs(value) >= 1e4 ? `${tidy(value / 1e3)}k` : tidy(value);
}

const tidy = (value: number) => String(Number(value.toPrecision(7)));

/** Byte axes have lines at powers of two: the step is one of 1024 times 1, 2, 4, …. */
export function bytesScale(values: readonly number[]): Scale {
  const largest = Math.max(1, ...values);
  const step = 2 ** Math.ceil(Math.log2(largest / 4));
  const last = Math.ceil(largest / step) * step;
  return {
    type: "linear",
    domain: [0, last],
    ticks: Array.from({ length: last / step + 1 }, (_, at) => at * step),
  };
}

/**
 * Moves labels apart that would overlap, as little as they need, and keeps them within `from` to `to`.
 *
 * @param places where each would stand, pixels
 * @param gap between two of them
 */
export function spread(
  places: readonly number[],
  gap: number,
  [from, to]: readonly [number, number],
): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  let least = from;
  for (const one of order) {
    one.place = Math.max(one.place, least);
    least = one.place + gap;
  }
  let most = to;
  for (const one of order.toReversed()) {
    one.place = Math.min(one.place, most);
    most = one.place - gap;
  }
  const spread: number[] = [];
  for (const { place, index } of order) spread[index] = place;
  return spread;
}
