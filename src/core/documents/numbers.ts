import { InvalidArgumentError } from "../errors.ts";

/**
 * Rounding of every measured number that is published: half up to three decimals, so that milliseconds are
 * whole microseconds.
 *
 * @throws InvalidArgumentError for NaN and infinities, which JSON would silently turn into null
 */
export function rounded(value: number): number {
  if (!Number.isFinite(value)) throw new InvalidArgumentError(`Cannot publish ${value}: it is not a number.`);
  // "+ 0" turns the -0 of a tiny negative value into 0.
  return Math.round(value * 1000) / 1000 + 0;
}

/** A ratio (1 is all) as percent, rounded like every published number. */
export function percent(ratio: number): number {
  return rounded(ratio * 100);
}

/** To six significant digits: a ratio may be of any size, so decimals would not do. */
export function significant(ratio: number): number {
  return Number(ratio.toPrecision(6));
}

/** The object without the keys whose value is undefined: what was not seen is left out, never 0 or null. */
export function present<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Text of a published JSON file. */
export function formatJson(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
