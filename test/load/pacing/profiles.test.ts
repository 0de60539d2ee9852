import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoadProfile } from "../../../src/contracts/load/load-profile.ts";
import { buildPacer, type PacerPlan } from "../../../src/load/pacing/pacer.ts";
import { buildRates } from "../../../src/load/timeline/profile.ts";
import { highestTps, transactionsIn, transactionsUpTo } from "../../../src/load/timeline/rates.ts";
import { anyProfile, windowSecsOf } from "../timeline/profiles.ts";

const base = { rateTps: 100, seed: 1, warmUpMs: 2_000, arrival: "constant" } as const;

function planOf(profile: LoadProfile, { loadTps = 100, windowSecs = windowSecsOf(profile) } = {}): PacerPlan {
  const windowMs = windowSecs * 1000;
  const rates = buildRates(profile, { loadTps, windowMs });
  const total = rates === undefined ? loadTps * windowSecs : transactionsIn(rates);
  return { ...base, rateTps: loadTps, rates, windowMs, windowTransactions: Math.max(1, Math.round(total)) };
}

function dueTimes(plan: PacerPlan): number[] {
  const pacer = buildPacer(plan);
  return Array.from({ length: pacer.transactions }, (_, sequence) => pacer.dueMs(sequence));
}

/** Transactions due by then, of the rates themselves. */
function integralAt({ rates = [] }: PacerPlan, ms: number): number {
  return rates.reduce(
    (sum, piece) => sum + transactionsUpTo(piece, Math.max(0, Math.min(ms, piece.toMs) - piece.fromMs)),
    0,
  );
}

describe("arrivals of a profile", () => {
  test("a ramp from nothing: transaction i is due after √(i / n) of it", () => {
    const due = dueTimes(planOf({ kind: "ramp", from: 0, to: 2 }));
    expect(due).toHaveLength(6_000);
    for (const i of [0, 1, 1_500, 5_999]) expect(due[i]).toBeCloseTo(60_000 * Math.sqrt(i / 6_000), 6);
  });

  test("bursts: so many in each of their seconds, none where the base is 0", () => {
    const due = dueTimes(planOf({ kind: "bursts", base: 0, burst: 2, burstSecs: 1, periodSecs: 4 }));
    for (let second = 0; second < 60; second++) {
      const count = due.filter((ms) => ms >= second * 1000 && ms < (second + 1) * 1000).length;
      expect(count).toBe(second % 4 === 3 ? 200 : 0);
    }
  });

  test("the warm-up has the level that the profile begins with", () => {
    const pacer = buildPacer(planOf({ kind: "steps", levels: [0.5, 4] }));
    expect(pacer.warmUpTransactions).toBe(100);
    expect(pacer.dueMs(0)).toBe(-2_000);
    expect(pacer.dueMs(100)).toBe(0);
  });

  test("each is due when the integral has come to its number, and never before the one before it", () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const plan = planOf(profile);
        if (plan.rates === undefined) return;
        const pacer = buildPacer(plan);
        const due = dueTimes(plan);
        const perMicrosecond = highestTps(plan.rates) / 1e6;
        for (const [sequence, ms] of due.entries()) {
          if (sequence > 0) expect(ms).toBeGreaterThanOrEqual(due[sequence - 1] ?? 0);
          if (sequence < pacer.warmUpTransactions) continue;
          expect(ms).toBeLessThan(plan.windowMs);
          const miss = integralAt(plan, ms) - (sequence - pacer.warmUpTransactions);
          if (Math.abs(miss) > perMicrosecond) expect(miss).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("clients that share a run have the arrivals of one, each of them once", () => {
    fc.assert(
      fc.property(
        anyProfile,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("constant" as const, "poisson" as const),
        (profile, of, arrival) => {
          const plan = { ...planOf(profile, { loadTps: 10 }), arrival };
          const alone = dueTimes(plan);
          const shared: number[] = [];
          for (let index = 0; index < of; index++) {
            const pacer = buildPacer(plan);
            for (let i = index; i < pacer.transactions; i += of) shared[i] = pacer.dueMs(i);
          }
          expect(shared).toEqual(alone);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("a thousand million transactions end where they must", () => {
    const windowSecs = 100_000;
    const ramp = buildPacer(planOf({ kind: "ramp", from: 0.5, to: 1.5 }, { loadTps: 10_000, windowSecs }));
    expect(ramp.transactions - ramp.warmUpTransactions).toBe(1e9);
    const last = ramp.dueMs(ramp.transactions - 1);
    // The last one is due one gap, at 15,000 tx/s, before the end.
    expect(windowSecs * 1000 - last).toBeCloseTo(1000 / 15_000, 6);
    const steady = buildPacer(planOf({ kind: "constant", level: 0.5 }, { loadTps: 20_000, windowSecs }));
    expect(steady.dueMs(steady.transactions - 1)).toBeCloseTo(windowSecs * 1000 - 0.1, 6);
    const sine = buildPacer(
      planOf({ kind: "sine", from: 0.5, to: 1.5, periodSecs: 100 }, { loadTps: 10_000, windowSecs }),
    );
    expect(windowSecs * 1000 - sine.dueMs(sine.transactions - 1)).toBeCloseTo(0.2, 6);
  });
});

describe("poisson arrivals of a rate that changes", () => {
  const bursts = { kind: "bursts", base: 1, burst: 5, burstSecs: 1, periodSecs: 4 } as const;
  const poisson = (seed: number): PacerPlan => ({ ...planOf(bursts), arrival: "poisson", seed });

  test("are exactly as many as the profile offers, and follow from the seed", () => {
    expect(dueTimes(poisson(1)).filter((ms) => ms >= 0)).toHaveLength(12_000);
    expect(dueTimes(poisson(1))).toEqual(dueTimes(poisson(1)));
    expect(dueTimes(poisson(1))).not.toEqual(dueTimes(poisson(2)));
  });

  test("counts of tenths of a second have the mean of the rate then, and a variance as large", () => {
    const counts: Record<"base" | "burst", number[]> = { base: [], burst: [] };
    for (let seed = 0; seed < 10; seed++) {
      const due = dueTimes(poisson(seed)).filter((ms) => ms >= 0);
      const tenths = new Array<number>(600).fill(0);
      for (const ms of due) {
        const tenth = Math.floor(ms / 100);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      for (const [tenth, count] of tenths.entries()) counts[tenth % 40 >= 30 ? "burst" : "base"].push(count);
    }
    for (const [part, mean] of [
      ["base", 10],
      ["burst", 50],
    ] as const) {
      const all = counts[part];
      const average = all.reduce((sum, count) => sum + count, 0) / all.length;
      const variance = all.reduce((sum, count) => sum + (count - average) ** 2, 0) / all.length;
      // 1,500 counts at least: their mean is within 4 standard errors, their variance within 4 of its own.
      expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(mean / all.length));
      expect(Math.abs(variance / mean - 1)).toBeLessThan(4 * Math.sqrt(2.1 / all.length));
    }
  });
});
