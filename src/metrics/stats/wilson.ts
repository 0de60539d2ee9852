import { InvalidArgumentError } from "../../core/errors.ts";
import { normalQuantile } from "./sample.ts";

export interface ShareInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * Confidence interval of a share, from how many of a number of trials it was.
 *
 * @param trials independent ones, at least 1; a fraction where dependent trials count for fewer
 * @param level of confidence, 0 to 1, both excluded
 * @throws InvalidArgumentError
 * @see Wilson, Probable inference, the law of succession, and statistical inference, 1927
 */
export function wilsonInterval(ratio: number, trials: number, level: number): ShareInterval {
  if (!(trials > 0 && ratio >= 0 && ratio <= 1 && level > 0 && level < 1)) {
    throw new InvalidArgumentError("An interval needs trials, a share from 0 to 1, and a level between.");
  }
  const z = normalQuantile((1 + level) / 2);
  const scale = 1 + z ** 2 / trials;
  const center = (ratio + z ** 2 / (2 * trials)) / scale;
  const half = (z * Math.sqrt((ratio * (1 - ratio)) / trials + (z / (2 * trials)) ** 2)) / scale;
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) };
}
