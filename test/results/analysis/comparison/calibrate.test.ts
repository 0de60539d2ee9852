import { describe, expect, test } from "vitest";
import { alternateSides, calibrateLoads } from "../../../../src/results/analysis/comparison/calibrate.ts";
import { compareSweeps } from "../../../../src/results/analysis/comparison/compare.ts";
import { repeated, runOf, sideOf } from "../../sample-comparisons.ts";
import { invalidRun } from "../../sample-results.ts";

/** Runs that take turns: one of each list. */
const turns = (a: readonly ReturnType<typeof runOf>[], b: typeof a) =>
  a.flatMap((run, index) => [run, ...b.slice(index, index + 1)]);

describe("a calibration", () => {
  test("gives each load's runs to the sides in turn, whatever stands between them", () => {
    const run = (loadTps: number, throughputTps: number) => runOf({ loadTps, throughputTps });
    const { a, b } = alternateSides([run(100, 1), run(200, 2), run(100, 3), run(200, 4), run(100, 5)]);
    const values = (side: typeof a) =>
      side.map(({ parameters, throughputTps }) => [parameters.loadTps, throughputTps]);
    expect([values(a), values(b)]).toEqual([
      [
        [100, 1],
        [200, 2],
        [100, 5],
      ],
      [
        [100, 3],
        [200, 4],
      ],
    ]);
  });

  test("has as noise floor the farther end of what a comparison of the sides finds", () => {
    const [load] = calibrateLoads(turns(repeated(), repeated(0.99)));
    const { ratio, confidence } =
      compareSweeps(sideOf("a", repeated()), sideOf("b", repeated(0.99))).loads[0]?.metrics.throughput ?? {};
    const floor = Math.max(1 - (confidence?.low ?? 1), (confidence?.high ?? 1) - 1);
    expect(load?.metrics.throughput).toEqual({ ratio, confidence, noiseFloorRatio: floor });
    expect(floor).toBeGreaterThan(0.01);
    expect(load?.metrics.avgLatency?.ratio).toBe(1);
    expect([load?.runsA, load?.runsB]).toEqual([5, 5]);
    expect(load?.parameters).toMatchObject({
      duration: "180",
      protocol: "mysticeti",
      min_round_delay_ms: "50",
    });
    expect(load?.parameters).not.toHaveProperty("load");
  });

  test("has no noise floor from too few runs that count", () => {
    const spoilt = { ...invalidRun, parameters: runOf().parameters };
    const [load] = calibrateLoads(turns(repeated(), [...repeated().slice(2), spoilt, spoilt]));
    expect([load?.runsA, load?.runsB, load?.metrics]).toEqual([5, 3, {}]);
  });
});
