import { type Random, seededRandom } from "../../src/core/random.ts";

/** Values of the standard normal distribution, by Box and Muller; the same seed gives the same. */
export function normalValues(seed: string): () => number {
  const random: Random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random.nextRatio())) * Math.cos(2 * Math.PI * random.nextRatio());
}
