/** How evenly transactions came, seen from where they came to, and what a server with known delays makes of it. Pure. */

/** How far arrivals are behind the ideal line, microseconds. */
export interface Pacing {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  /** Arrivals for each second between the first and the last. */
  readonly rateTps: number;
}

/**
 * Distances from the line through arrivals that are 1 / rate apart, whose earliest arrival is on it: nothing comes
 * before it is sent, so that one had the least delay. A rate that is not kept, and bursts, show as distance.
 *
 * @param arrivedMs of transactions at a constant rate, in order; at least two
 */
export function measurePacing(arrivedMs: Float64Array, rateTps: number): Pacing {
  const count = arrivedMs.length;
  const [first = Number.NaN, last = Number.NaN] = [arrivedMs[0], arrivedMs[count - 1]];
  const distances = distancesMs(arrivedMs, rateTps).sort();
  const us = (q: number) => quantile(distances, q) * 1000;
  return {
    count,
    p50Us: us(0.5),
    p99Us: us(0.99),
    p999Us: us(0.999),
    rateTps: ((count - 1) / (last - first)) * 1000,
  };
}

/** In the order of arrival; the least is 0. */
function distancesMs(arrivedMs: Float64Array, rateTps: number): Float64Array {
  const startMs = arrivedMs[0] ?? 0;
  const residuals = arrivedMs.map((ms, index) => ms - startMs - (index / rateTps) * 1000);
  const least = residuals.reduce((low, each) => Math.min(low, each), Number.POSITIVE_INFINITY);
  return residuals.map((each) => each - least);
}

/** Nearest-rank quantile of ascending values, at least one. */
export function quantile(ascending: Float64Array, q: number): number {
  const rank = Math.max(1, Math.ceil(q * ascending.length - 1e-9));
  return ascending[rank - 1] ?? Number.NaN;
}

export interface KnownQuantiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/**
 * What the server's own record says of due → reply: each reply's time minus its transaction's place on the ideal line.
 *
 * @param record arrivals in order, and the replies to them
 */
export function recordedLatencyMs(
  record: { readonly arrivedMs: Float64Array; readonly repliedMs: Float64Array },
  rateTps: number,
): KnownQuantiles {
  const { arrivedMs, repliedMs } = record;
  const lateMs = distancesMs(arrivedMs, rateTps);
  const latencies = lateMs.map((late, index) => late + (repliedMs[index] ?? 0) - (arrivedMs[index] ?? 0));
  return quantilesOf(latencies);
}

/** What a server does to replies: sink.c's options. */
export interface KnownDelays {
  readonly delayMs: number;
  readonly slow?: { readonly ratio: number; readonly delayMs: number };
  readonly stall?: { readonly everySecs: number; readonly forSecs: number };
}

/**
 * Due → reply where transactions come evenly, and each connection has one under way: its delay, and before that what is
 * left of a stop. (Slow ones are spread evenly here, by chance in the sink.)
 */
export function theoreticalLatencyMs(
  { delayMs, slow, stall }: KnownDelays,
  { rateTps, seconds }: { readonly rateTps: number; readonly seconds: number },
): KnownQuantiles {
  const latencies = Float64Array.from({ length: Math.round(rateTps * seconds) }, (_, index) => {
    const atSecs = index / rateTps;
    const isSlow =
      slow !== undefined && Math.floor((index + 1) * slow.ratio) > Math.floor(index * slow.ratio);
    const own = isSlow ? slow.delayMs : delayMs;
    if (stall === undefined || atSecs < stall.everySecs) return own;
    const intoSecs = atSecs % stall.everySecs;
    return own + Math.max(0, stall.forSecs - intoSecs) * 1000;
  });
  return quantilesOf(latencies);
}

function quantilesOf(values: Float64Array): KnownQuantiles {
  const sorted = values.toSorted();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), p999: quantile(sorted, 0.999) };
}
