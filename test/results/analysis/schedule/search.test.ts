import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProbeStatus, SearchSettings } from "../../../../src/contracts/results/search.ts";
import {
  beginSearch,
  learn,
  nextStep,
  type SearchStep,
} from "../../../../src/results/analysis/schedule/search.ts";

const options: SearchSettings = {
  fromTps: 100,
  toTps: 1_000_000,
  precisionRatio: 0.05,
  efficiencyRatio: 0.98,
  backlogGrowthRatio: 0.02,
};

/** Follows a search to its end. @param judge says what became of a load's n-th run, from 0 */
function follow(asked: SearchSettings, judge: (loadTps: number, attempt: number) => ProbeStatus) {
  const loads: number[] = [];
  let state = beginSearch();
  for (;;) {
    const step: SearchStep = nextStep(state, asked);
    if (step.type === "end") return { loads, state, outcome: step.outcome };
    const attempt = loads.filter((load) => load === step.loadTps).length;
    loads.push(step.loadTps);
    if (loads.length > 1000) throw new Error(`no end: ${loads.slice(-10).join(", ")}`);
    state = learn(state, step.loadTps, judge(step.loadTps, attempt));
  }
}

const capacity = (tps: number) => (loadTps: number) => (loadTps <= tps ? "sustained" : "not-sustained");

describe("the search for the highest sustained load", () => {
  test("doubles, then bisects", () => {
    const { loads, outcome, state } = follow(options, capacity(800));
    expect(loads).toEqual([100, 200, 400, 800, 1600, 1130, 951, 872, 835]);
    expect([outcome, state.sustainedTps, state.beyondTps]).toEqual(["found", 800, 835]);
  });

  test("ends at the highest load that is to be tried, which is tried itself", () => {
    const { loads, outcome, state } = follow({ ...options, toTps: 300 }, capacity(1e9));
    expect([loads, outcome, state.sustainedTps]).toEqual([[100, 200, 300], "upper-bound", 300]);
  });

  test("ends at once where not even the lowest load is sustained", () => {
    const { loads, outcome, state } = follow(options, capacity(50));
    expect([loads, outcome, state.sustainedTps]).toEqual([[100], "none", undefined]);
  });

  test("looks below the load generator's own limit, never above it", () => {
    const { loads, outcome, state } = follow(options, (tps) =>
      tps > 700 ? "generator-limited" : "sustained",
    );
    expect(outcome).toBe("generator-limit");
    expect(state.sustainedTps).toBeGreaterThan(700 / 1.05);
    expect(loads.filter((load) => load > 800)).toEqual([]);
    expect(loads.filter((load) => load === 800)).toEqual([800, 800]);
  });

  test("is the network's where a load below the generator's limit is not sustained", () => {
    const judge = (tps: number) =>
      tps > 700 ? "generator-limited" : tps > 600 ? "not-sustained" : "sustained";
    expect(follow(options, judge)).toMatchObject({ outcome: "found" });
  });

  test("tries a load again at which the load generator had a bad moment", () => {
    const judge = (tps: number, attempt: number) =>
      tps > 1000 ? "not-sustained" : tps === 400 && attempt === 0 ? "generator-limited" : "sustained";
    const { loads, outcome } = follow(options, judge);
    expect([loads.slice(0, 6), outcome]).toEqual([[100, 200, 400, 400, 800, 1600], "found"]);
  });

  test("tries a load again whose run was invalid, and stops where that one is too", () => {
    const once = follow({ ...options, toTps: 200 }, (_, attempt) =>
      attempt === 0 ? "invalid" : "sustained",
    );
    expect([once.loads, once.outcome]).toEqual([[100, 100, 200, 200], "upper-bound"]);
    const twice = follow(options, (tps) => (tps === 400 ? "invalid" : "sustained"));
    expect([twice.loads, twice.outcome]).toEqual([[100, 200, 400, 400], "stopped"]);
    expect(twice.state.sustainedTps).toBe(200);
  });

  test("always ends, stays within its bounds, and has the truth between what it found", () => {
    const bounds = fc
      .tuple(
        fc.double({ min: 0.001, max: 1e6, noNaN: true }),
        fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      )
      .map(([one, other]) => ({ fromTps: Math.min(one, other), toTps: Math.max(one, other) }));
    const precision = fc.double({ min: 0.01, max: 1, noNaN: true });
    const truth = fc.double({ min: 0.0005, max: 2e6, noNaN: true });
    const flaky = fc.constantFrom(undefined, "invalid", "generator-limited");
    fc.assert(
      fc.property(bounds, precision, truth, flaky, (range, precisionRatio, truthTps, firstTry) => {
        const { fromTps, toTps } = range;
        const judge = capacity(truthTps);
        const { loads, state, outcome } = follow({ ...options, ...range, precisionRatio }, (tps, attempt) =>
          attempt === 0 && firstTry !== undefined ? firstTry : judge(tps),
        );
        for (const load of loads) {
          expect(load).toBeGreaterThanOrEqual(fromTps);
          expect(load).toBeLessThanOrEqual(toTps);
        }
        const { sustainedTps = 0, beyondTps = Number.POSITIVE_INFINITY } = state;
        expect(sustainedTps).toBeLessThanOrEqual(truthTps);
        expect(beyondTps).toBeGreaterThan(truthTps);
        if (truthTps < fromTps) expect(outcome).toBe("none");
        else if (truthTps >= toTps) expect([outcome, sustainedTps]).toEqual(["upper-bound", toTps]);
        else {
          expect(outcome).toBe("found");
          expect(beyondTps / sustainedTps).toBeLessThanOrEqual(1 + precisionRatio);
        }
        // Doublings to the top, halvings of one doubling's ratio, and one more for each rounding.
        const doublings = Math.ceil(Math.log2(toTps / fromTps)) + 2;
        const halvings = 2 * Math.ceil(Math.log2(Math.LN2 / Math.log1p(precisionRatio))) + 2;
        expect(loads.length).toBeLessThanOrEqual((doublings + halvings) * (firstTry === undefined ? 1 : 2));
      }),
    );
  });
});
