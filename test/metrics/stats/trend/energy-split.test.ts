import { expect, test } from "vitest";
import { bestSplit } from "../../../../src/metrics/stats/trend/energy-split.ts";
import { normalValues } from "../../normal.ts";

/** As the definition has it, pair by pair. */
function splitByDefinition(values: readonly number[], least: number) {
  const sum = (one: readonly number[], other: readonly number[]) =>
    one.reduce((total, a) => total + other.reduce((part, b) => part + Math.abs(a - b), 0), 0);
  let best = { place: 0, distance: Number.NEGATIVE_INFINITY };
  for (let end = 2 * least; end <= values.length; end++) {
    for (let place = least; place <= end - least; place++) {
      const [x, y] = [values.slice(0, place), values.slice(place, end)];
      const [m, n] = [x.length, y.length];
      const pairs = (side: readonly number[]) =>
        side.length < 2 ? 0 : sum(side, side) / (side.length * (side.length - 1));
      const energy = (2 * sum(x, y)) / (m * n) - pairs(x) - pairs(y);
      const distance = ((m * n) / (m + n)) * energy;
      if (distance > best.distance) best = { place, distance };
    }
  }
  return best;
}

test.each([1, 2, 3])("the split is that of the definition, with sides of at least %i", (least) => {
  const normal = normalValues(`split-${least}`);
  const values = Array.from({ length: 30 }, (_, place) => normal() + (place < 12 ? 0 : 2));
  const byDefinition = splitByDefinition(values, least);
  const found = bestSplit(Float64Array.from(values), least);
  expect(found?.place).toBe(byDefinition.place);
  expect(found?.distance).toBeCloseTo(byDefinition.distance, 9);
});

test("fewer values than two sides have none", () => {
  expect(bestSplit(Float64Array.from([1, 2, 3]), 2)).toBeUndefined();
});
