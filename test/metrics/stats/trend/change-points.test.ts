import { expect, test } from "vitest";
import { InvalidArgumentError } from "../../../../src/core/errors.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { changePoints } from "../../../../src/metrics/stats/trend/change-points.ts";
import { normalValues } from "../../normal.ts";

/** @param level of the mean at a place, in standard deviations of 1 % */
function series(seed: string, count: number, level: (place: number) => number): number[] {
  const normal = normalValues(seed);
  return Array.from({ length: count }, (_, place) => 100 + level(place) + normal());
}

const find = (values: readonly number[], minEffectRatio = 0) =>
  changePoints(values, { minEffectRatio, random: seededRandom("test") });
const placesIn = (values: readonly number[]) => find(values).map(({ index }) => index);

const stepAt = (at: number, by: number) => (place: number) => (place < at ? 0 : by);

test.each([0, 1, 5, 50, 120])("a constant series of %i values has no change", (count) => {
  expect(find(new Array<number>(count).fill(7))).toEqual([]);
});

test("noise alone has hardly any: at most one in 40 series of 100 values", () => {
  const found = Array.from({ length: 40 }, (_, seed) => placesIn(series(`noise-${seed}`, 100, () => 0)));
  expect(found.flat().length).toBeLessThanOrEqual(1);
});

test.each(Array.from({ length: 10 }, (_, seed) => seed))(
  "a step of three standard deviations is found within two places (%i)",
  (seed) => {
    const at = 20 + seed * 5;
    const [found, ...others] = find(series(`step-${seed}`, 90, stepAt(at, seed % 2 === 0 ? 3 : -3)));
    expect(others).toEqual([]);
    expect(Math.abs((found?.index ?? 0) - at)).toBeLessThanOrEqual(2);
    expect(found?.p).toBeLessThan(0.001);
  },
);

test("it says what the means were, and their ratio", () => {
  const values = [...new Array<number>(15).fill(10), ...new Array<number>(15).fill(12)];
  expect(find(values)).toEqual([{ index: 15, before: 10, after: 12, ratio: 1.2, p: expect.any(Number) }]);
});

test("up and down again are two changes, each between its neighbours' means", () => {
  const values = series("bump", 120, (place) => (place >= 40 && place < 70 ? 5 : 0));
  const [up, down, ...others] = find(values);
  expect(others).toEqual([]);
  expect([up?.index, down?.index]).toEqual([40, 70]);
  expect(up?.ratio).toBeGreaterThan(1.04);
  expect(down?.before).toBe(up?.after);
});

test("scale and shift change nothing of the places", () => {
  const values = series("scaled", 100, stepAt(60, 3));
  const places = placesIn(values);
  expect(places).toHaveLength(1);
  expect(placesIn(values.map((value) => value * 1e-6))).toEqual(places);
  expect(placesIn(values.map((value) => value + 1_000))).toEqual(places);
});

test("a reversed series has mirrored changes", () => {
  const values = series("mirrored", 100, (place) => (place < 30 ? 0 : place < 65 ? 6 : 0));
  const mirrored = placesIn(values.toReversed()).map((place) => values.length - place);
  expect(placesIn(values)).toHaveLength(2);
  expect(mirrored.reverse()).toEqual(placesIn(values));
});

test("one or two values far off are no change", () => {
  const values = series("outliers", 60, (place) => (place === 30 || place === 45 || place === 59 ? 40 : 0));
  expect(placesIn(values)).toEqual([]);
});

test("a change smaller than what counts is none, and leaves the others as they are", () => {
  const values = series("small", 120, (place) => (place < 40 ? 0 : place < 80 ? 3 : 30));
  expect(find(values, 0.05).map(({ index }) => index)).toEqual([80]);
  expect(find(values).map(({ index }) => index)).toEqual([40, 80]);
});

test("the same seed gives the same, and values that are not finite are refused", () => {
  const values = series("again", 80, stepAt(50, 2));
  expect(find(values)).toEqual(find(values));
  expect(() => find([1, Number.NaN])).toThrow(InvalidArgumentError);
});
