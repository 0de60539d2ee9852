import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildPacer, type PacerPlan } from "../../../src/load/pacing/pacer.ts";

const plan: PacerPlan = {
  rateTps: 600,
  arrival: "constant",
  seed: 1,
  warmUpMs: 2000,
  windowTransactions: 36_000,
  windowMs: 60_000,
};

function dueTimes(changes: Partial<PacerPlan> = {}): number[] {
  const pacer = buildPacer({ ...plan, ...changes });
  return Array.from({ length: pacer.transactions }, (_, sequence) => pacer.dueMs(sequence));
}

describe("constant arrivals", () => {
  test("600 tx/s are 600 in every second of the window, not 1,000", () => {
    const due = dueTimes();
    for (let second = 0; second < 60; second++) {
      expect(due.filter((at) => at >= second * 1000 && at < (second + 1) * 1000)).toHaveLength(600);
    }
  });

  test("the warm-up runs up to the window at the same pace", () => {
    const pacer = buildPacer(plan);
    expect(pacer.warmUpTransactions).toBe(1200);
    expect(pacer.dueMs(0)).toBe(-2000);
    expect(pacer.dueMs(1200)).toBe(0);
    expect(pacer.dueMs(1199)).toBeCloseTo(-1000 / 600, 9);
  });

  test("transaction i is due at i / rate without adding up errors, after a million as well", () => {
    const pacer = buildPacer({ ...plan, rateTps: 0.3, windowTransactions: 1_000_001, warmUpMs: 0 });
    expect(pacer.dueMs(1_000_000)).toBe(1_000_000_000 / 0.3);
  });

  test("there is nothing due after the last one", () => {
    const pacer = buildPacer(plan);
    expect(pacer.dueMs(pacer.transactions)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("poisson arrivals", () => {
  const poisson = { ...plan, arrival: "poisson" } as const;

  test("exactly as many as asked for are due in the window, in order", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 500 }), (seed, windowTransactions) => {
        const changes = { ...poisson, seed, windowTransactions, windowMs: (windowTransactions / 600) * 1000 };
        const due = dueTimes(changes);
        expect(due.filter((at) => at >= 0 && at < changes.windowMs)).toHaveLength(windowTransactions);
        expect(due.filter((at) => at >= -2000 && at < 0)).toHaveLength(1200);
        expect(due.every((at, i) => i === 0 || at >= (due[i - 1] ?? 0))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("the same seed gives the same arrivals, asked for in any order; another seed others", () => {
    const pacer = buildPacer(poisson);
    const late = pacer.dueMs(5000);
    const early = pacer.dueMs(100);
    expect([early, late]).toEqual([dueTimes(poisson)[100], dueTimes(poisson)[5000]]);
    expect(dueTimes({ ...poisson, seed: 2 })[100]).not.toBe(early);
  });

  test("gaps are exponential: their standard deviation is their mean, and e^-1 of them exceed it", () => {
    const due = dueTimes(poisson).slice(1200);
    const gaps = due.slice(1).map((at, i) => at - (due[i] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(1000 / 600, 2);
    expect(deviation / mean).toBeCloseTo(1, 1);
    expect(gaps.filter((gap) => gap > mean).length / gaps.length).toBeCloseTo(Math.exp(-1), 1);
  });
});
