import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { thin } from "../../../../src/results/charts/data/thin.ts";

describe("a long line made shorter", () => {
  test("keeps a short one as it is", () => {
    const points = [{ x: 0, y: 1 }, { x: 1 }, { x: 2, y: 3 }];
    expect(thin(points, 3)).toBe(points);
  });

  test("keeps the least and the largest, the order, and has no point that was not there", () => {
    const values = fc.array(fc.integer(), { minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 60 }), (ys, most) => {
        const points = ys.map((y, x) => ({ x, y }));
        const kept = thin(points, most);
        expect(kept.length).toBeLessThanOrEqual(Math.max(most, 2));
        for (const [at, { x, y }] of kept.entries()) {
          expect(y).toBe(ys[x]);
          expect(x).toBeGreaterThan(kept[at - 1]?.x ?? -1);
        }
        const shown = kept.map(({ y }) => y ?? Number.NaN);
        expect([Math.min(...shown), Math.max(...shown)]).toEqual([Math.min(...ys), Math.max(...ys)]);
      }),
    );
  });

  test("keeps gaps that are wider than a pixel", () => {
    const points = Array.from({ length: 100 }, (_, x) => ({ x, y: x >= 40 && x < 60 ? undefined : 1 }));
    const kept = thin(points, 20);
    expect(kept.filter(({ y }) => y === undefined).map(({ x }) => x)).toEqual([40, 50]);
  });
});
