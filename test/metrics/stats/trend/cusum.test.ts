import { expect, test } from "vitest";
import { findDrift } from "../../../../src/metrics/stats/trend/cusum.ts";
import { normalValues } from "../../normal.ts";

function drifting(seed: string, perPlace: number, count = 80): number[] {
  const normal = normalValues(seed);
  return Array.from({ length: count }, (_, place) => 100 + Math.max(0, place - 20) * perPlace + normal());
}

test.each([
  [0.1, 1],
  [-0.1, -1],
] as const)("a drift of %d standard deviations from value to value is found", (perPlace, direction) => {
  const found = Array.from({ length: 10 }, (_, seed) => findDrift(drifting(`drift-${seed}`, perPlace)));
  expect(found.map((drift) => drift?.direction)).toEqual(new Array(10).fill(direction));
  for (const drift of found) {
    expect(drift?.at).toBeGreaterThan(20);
    expect(drift?.at).toBeLessThan(60);
    expect(drift?.from).toBeLessThan(drift?.at ?? 0);
  }
});

test("without one it takes hundreds of values to a false alarm", () => {
  const values = Array.from({ length: 40 }, (_, seed) => findDrift(drifting(`none-${seed}`, 0)));
  expect(values.filter((drift) => drift !== undefined).length).toBeLessThanOrEqual(6);
});

test("values that never differ do not drift, nor do too few", () => {
  expect(findDrift(new Array<number>(50).fill(3))).toBeUndefined();
  expect(findDrift([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBeUndefined();
});

test("what is known later changes nothing of it", () => {
  const values = drifting("prefix", 0.2);
  const found = findDrift(values);
  expect(findDrift(values.slice(0, (found?.at ?? 0) + 1))).toEqual(found);
  expect(findDrift(values.slice(0, found?.at))).toBeUndefined();
});
