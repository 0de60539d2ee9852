import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openTokenBucket } from "./token-bucket.ts";

describe("a token bucket", () => {
  test("serves a burst at once, and the others at its rate", () => {
    const token = openTokenBucket({ tps: 100, burst: 3 });
    expect([0, 0, 0, 0, 0].map(token)).toEqual([0, 0, 0, 10, 20]);
    expect([1000, 1000, 1000, 1000].map(token)).toEqual([1000, 1000, 1000, 1010]);
  });

  test("lets those pass that come slower than its rate", () => {
    const token = openTokenBucket({ tps: 100, burst: 1 });
    expect([0, 10, 25, 40].map(token)).toEqual([0, 10, 25, 40]);
  });

  test("serves in order, never early, and never more than its rate and burst in any stretch", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 5 }), (pauses, burst) => {
        const token = openTokenBucket({ tps: 100, burst });
        let nowMs = 0;
        const served = pauses.map((pause) => {
          nowMs += pause;
          const fromMs = token(nowMs);
          expect(fromMs).toBeGreaterThanOrEqual(nowMs);
          return fromMs;
        });
        served.forEach((fromMs, index) => {
          expect(fromMs).toBeGreaterThanOrEqual(served[index - 1] ?? 0);
          // The one `burst` places before it is at least a token's time away.
          const before = served[index - burst];
          if (before !== undefined) expect(fromMs - before).toBeGreaterThanOrEqual(10 - 1e-6);
        });
      }),
    );
  });
});
