import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BacklogTrend } from "../../../src/metrics/stats/backlog.ts";

interface Completed {
  readonly committed: number;
  readonly acknowledged?: number;
}

/** A run of a load, from two seconds before a window of so many seconds. */
function growth(loadTps: number, windowSecs: number, completed: (second: number) => Completed) {
  const trend = new BacklogTrend("committed", windowSecs);
  for (let second = -2; second < windowSecs + 3; second++) {
    trend.add({ second, due: second < windowSecs ? loadTps : 0, acknowledged: 0, ...completed(second) });
  }
  return trend.growthRatio(loadTps);
}

describe("the growth of the backlog", () => {
  test("is none where as much is completed as is due, however long that takes", () => {
    // Two seconds' load waits when the window opens, and stays.
    expect(growth(100, 10, (second) => ({ committed: second < 0 ? 0 : 100 }))).toBe(0);
  });

  test("is the share of the load that stays behind, lost transactions among it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 3, max: 60 }),
        (capacityTps, beyondTps, windowSecs) => {
          const loadTps = capacityTps + beyondTps;
          expect(growth(loadTps, windowSecs, () => ({ committed: capacityTps }))).toBeCloseTo(
            beyondTps / loadTps,
            9,
          );
        },
      ),
    );
  });

  test("is below none where a backlog of the warm-up melts", () => {
    expect(growth(100, 5, (second) => ({ committed: second < 0 ? 0 : 120 }))).toBeCloseTo(-0.2, 9);
  });

  test("is hardly moved by the moment at which a block happens to come", () => {
    const inBlocks = growth(100, 20, (second) => ({ committed: second % 2 === 0 ? 0 : 200 }));
    expect(Math.abs(inBlocks ?? 1)).toBeLessThan(0.01);
  });

  test("has the standard error of its residuals", () => {
    // Backlogs of 10, 0, 10, 0: the slope is -2 a second, the residuals' squares sum to 80, and the seconds' to 5.
    const trend = new BacklogTrend("committed", 4);
    for (const [second, committed] of [0, 20, 0, 20].entries()) {
      trend.add({ second, due: 10, acknowledged: 0, committed });
    }
    expect(trend.growthRatio(10)).toBeCloseTo(-0.2, 9);
    expect(trend.growthErrorRatio(10)).toBeCloseTo(Math.sqrt(80 / 2 / 5) / 10, 9);
  });

  test("keeps its digits over a week", () => {
    const weekSecs = 604_800;
    expect(growth(1000, weekSecs, () => ({ committed: 999 }))).toBeCloseTo(0.001, 9);
  });

  test("counts acknowledgements where commits cannot be observed", () => {
    const trend = new BacklogTrend("acknowledged", 3);
    for (const second of [0, 1, 2]) trend.add({ second, due: 10, acknowledged: 5, committed: 10 });
    expect(trend.growthRatio(10)).toBeCloseTo(0.5, 9);
  });

  test("is not told of a window without three whole seconds", () => {
    expect(growth(100, 2.9, () => ({ committed: 50 }))).toBeUndefined();
    expect(growth(100, 3, () => ({ committed: 50 }))).toBeCloseTo(0.5, 9);
  });
});
