import { expect, test } from "vitest";
import { samplers } from "../../../src/core/numbers/jitter.ts";
import { seededRandom } from "../../../src/core/random.ts";

const count = 200_000;

test.each([
  { name: "uniform", least: -Math.sqrt(3), most: Math.sqrt(3) },
  { name: "normal", least: -6, most: 6 },
  { name: "pareto", least: -0.67, most: 11.4 },
] as const)("$name spreads around 0 with a standard deviation of 1", ({ name, least, most }) => {
  const random = seededRandom("jitter");
  const values = Array.from({ length: count }, () => samplers[name](random));
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(Math.sqrt(variance)).toBeCloseTo(1, 1);
  expect(Math.min(...values.slice(0, 100_000))).toBeGreaterThanOrEqual(least);
  expect(Math.max(...values.slice(0, 100_000))).toBeLessThanOrEqual(most);
});
