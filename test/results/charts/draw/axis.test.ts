import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bytesScale,
  linearScale,
  logScale,
  spread,
  tailScale,
  tickText,
} from "../../../../src/results/charts/draw/axis.ts";

describe("scales", () => {
  test("a logarithm has a grid at 1, 2, 5, 10", () => {
    expect(logScale([12, 430])).toEqual({
      type: "log",
      domain: [10, 500],
      ticks: [10, 20, 50, 100, 200, 500],
    });
    expect(logScale([100]).ticks).toEqual([100, 200]);
    expect(logScale([]).domain[0]).toBeGreaterThan(0);
    expect(logScale([0.001, 2_000_000]).ticks).toContain(1_000);
  });

  test("every value lies within its scale, and the ticks rise", () => {
    const values = fc.array(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(values, (all) => {
        for (const { domain, ticks } of [logScale(all), linearScale(all), bytesScale(all)]) {
          expect(domain[0]).toBeLessThanOrEqual(Math.min(...all) * (1 + 1e-6));
          expect(domain[1]).toBeGreaterThanOrEqual(Math.max(...all) * (1 - 1e-6));
          expect(ticks.length).toBeGreaterThan(0);
          expect(ticks.length).toBeLessThan(25);
          for (const [at, tick] of ticks.entries()) expect(tick).toBeGreaterThan(ticks[at - 1] ?? -1);
        }
      }),
    );
  });

  test("a tail has a tick for each nine", () => {
    expect(tailScale([2, 5_000]).ticks.map((tick) => tickText(tick, "tail"))).toEqual([
      "50 %",
      "90 %",
      "99 %",
      "99.9 %",
    ]);
  });

  test("ticks are short", () => {
    expect([0.05, 1_000, 20_000, 3_000_000].map((tick) => tickText(tick))).toEqual([
      "0.05",
      "1000",
      "20k",
      "3M",
    ]);
    expect([0, 512, 16 * 1024 ** 2].map((tick) => tickText(tick, "bytes"))).toEqual([
      "0 B",
      "512 B",
      "16 MiB",
    ]);
  });
});

describe("labels that would overlap", () => {
  test("are moved apart, in their order, and stay within the chart", () => {
    expect(spread([10, 50, 90], 14, [0, 100])).toEqual([10, 50, 90]);
    expect(spread([50, 50, 52], 14, [0, 100])).toEqual([50, 64, 78]);
    expect(spread([99, 98], 14, [0, 100])).toEqual([100, 86]);
  });
});
