import { expect, test } from "vitest";
import { quantileOf } from "../../../src/core/numbers/quantile.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { NodesTally } from "../../../src/metrics/nodes/tally.ts";

const mib = 1024 ** 2;

function growthOf(windowSecs: number, memoryAt: (second: number) => number | undefined) {
  const tally = new NodesTally(windowSecs);
  for (let second = -10; second < windowSecs + 10; second++) {
    tally.add(second, [{ node: "node0", memoryBytes: memoryAt(second) }]);
  }
  return tally.memoryGrowth("node0");
}

/** A heap that fills within half a minute and is then collected, with pages that come and go. */
function memory(seed: string, leakMibPerMin = 0) {
  const { nextRatio } = seededRandom(seed);
  const [baseMib, periodSecs, heapMib] = [40 + 50 * nextRatio(), 3 + 27 * nextRatio(), 5 + 20 * nextRatio()];
  return (second: number) => {
    const heap = ((second + 100) % periodSecs) / periodSecs;
    return Math.round((baseMib + heapMib * heap + nextRatio() + (leakMibPerMin * second) / 60) * mib);
  };
}

test("a leak of 1 MiB a minute is found in ten minutes, with its rate; a heap that is collected is none", () => {
  const seeds = Array.from({ length: 200 }, (_, place) => `run ${place}`);
  const leaking = seeds.map((seed) => growthOf(600, memory(seed, 1)));
  expect(leaking.filter((growth) => growth?.leaks).length).toBeGreaterThanOrEqual(199);
  const rates = leaking.map((growth) => (growth?.bytesPerHour ?? 0) / mib);
  expect(quantileOf(rates, 0.05)).toBeGreaterThan(50);
  expect(quantileOf(rates, 0.5)).toBeCloseTo(60, 0);
  expect(quantileOf(rates, 0.95)).toBeLessThan(70);
  const within = leaking.filter(
    (growth) => (growth?.bytesPerHourLow ?? 0) <= 60 * mib && 60 * mib <= (growth?.bytesPerHourHigh ?? 0),
  );
  expect(within.length).toBeGreaterThan(180);
  const steady = seeds.map((seed) => growthOf(600, memory(seed)));
  expect(steady.filter((growth) => growth?.leaks).length).toBe(0);
});

test("what a program fills at first is no leak, nor what it gives back", () => {
  const filling = (second: number) => Math.round((100 + 60 * (1 - Math.exp(-second / 40))) * mib);
  expect(growthOf(600, filling)?.leaks).toBe(false);
  const falling = growthOf(600, (second) => (1000 - second) * mib);
  expect(falling).toMatchObject({ leaks: false, bytesPerHour: -3600 * mib });
});

test("ever longer windows take no more memory, and find the same", () => {
  for (const windowSecs of [60, 61, 64, 65, 127, 128, 129, 3_600, 86_400]) {
    expect(growthOf(windowSecs, (second) => (100 + second) * mib)).toMatchObject({
      leaks: true,
      bytesPerHour: 3600 * mib,
      bytesPerHourLow: 3600 * mib,
      bytesPerHourHigh: 3600 * mib,
    });
  }
});

test("short windows, and nodes that were hardly seen, have no figure", () => {
  expect(growthOf(59, (second) => second * mib)).toBeUndefined();
  expect(growthOf(600, () => undefined)).toBeUndefined();
  expect(growthOf(600, (second) => (second > 530 ? second * mib : undefined))).toBeUndefined();
});
