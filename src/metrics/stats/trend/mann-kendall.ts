import { normalTails } from "../sample.ts";
import { kendallDeviation } from "./theil-sen.ts";

/**
 * Mann-Kendall test: the probability, two-sided, of values that rise or fall this clearly if their order were chance.
 * By the normal approximation, with corrections for ties and continuity. It takes the values for independent.
 *
 * @param values in their order
 * @see Mann, Nonparametric tests against trend, 1945
 */
export function mannKendall(values: readonly number[]): number {
  let sum = 0;
  for (const [place, value] of values.entries()) {
    for (let later = place + 1; later < values.length; later++)
      sum += Math.sign((values[later] ?? value) - value);
  }
  const deviation = kendallDeviation(values.map((y, x) => ({ x, y })));
  const away = Math.abs(sum) - 1;
  return deviation === 0 || away <= 0 ? 1 : normalTails(away / deviation);
}
