import { expect, test } from "vitest";
import { BlockAges } from "../../../src/load/observe/block-ages.ts";
import { summarizeAges } from "../../../src/metrics/stats/signed-record.ts";

function openAges() {
  let wallMs = 1_700_000_000_000;
  let monotonicMs = 0;
  const ages = new BlockAges({ wallMs: () => wallMs, monotonicMs: () => monotonicMs });
  ages.setWindow(1000, 2000);
  /** A block of that age that is seen then, on the monotonic clock. */
  const see = (height: number, nowMs: number, ageMs: number) => {
    wallMs = 1_700_000_000_000 + nowMs;
    monotonicMs = nowMs;
    ages.see({ height, timeMs: wallMs - ageMs }, nowMs);
  };
  return { ages, see };
}

test("a block counts when the first node shows it, and within the window alone", () => {
  const { ages, see } = openAges();
  see(1, 999, 50);
  see(2, 1000, 60);
  see(2, 1010, 70);
  see(1, 1020, 90);
  see(3, 1999, 80);
  see(4, 2000, 100);
  expect(summarizeAges(ages.record)).toEqual({
    ...{ count: 2, negative: 0, minMs: 60, p50Ms: expect.closeTo(60, 1), p99Ms: 80, maxMs: 80, meanMs: 70 },
  });
});

test("one that is seen before its own time is negative, and stays so", () => {
  const { ages, see } = openAges();
  see(1, 1100, -5);
  see(2, 1200, -20);
  see(3, 1300, 10);
  expect(summarizeAges(ages.record)).toEqual({
    ...{ count: 3, negative: 2, minMs: -20, p50Ms: expect.closeTo(-5, 1), p99Ms: 10, maxMs: 10, meanMs: -5 },
  });
});

test("blocks without a time, or with one that is no time, have no age", () => {
  const { ages } = openAges();
  ages.see({ height: 1, timeMs: undefined }, 1100);
  ages.see({ height: 2, timeMs: Date.parse("0001-01-01T00:00:00Z") }, 1200);
  ages.see({ height: 3, timeMs: Number.NaN }, 1300);
  expect(summarizeAges(ages.record)).toEqual({ count: 0, negative: 0 });
});
