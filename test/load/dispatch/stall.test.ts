import { describe, expect, test } from "vitest";
import { StallWatch } from "../../../src/load/dispatch/stall.ts";

/** Looks every 100 ms for a second, then after the given changes of both clocks. */
function watch(monotonicStepMs: number, wallStepMs: number) {
  let [monotonicMs, wallMs] = [10_000, 1_700_000_000_000];
  const found = new StallWatch({ monotonicMs: () => monotonicMs, wallMs: () => wallMs }, 10_500);
  const pass = (monotonic: number, wall: number) => {
    monotonicMs += monotonic;
    wallMs += wall;
    found.look();
  };
  for (let i = 0; i < 10; i++) pass(100, 100);
  pass(monotonicStepMs, wallStepMs);
  return found.found;
}

describe("StallWatch", () => {
  test("ordinary delays and drift are nothing", () => {
    expect(watch(400, 420)).toEqual([]);
  });

  test("a gap on both clocks: the process was stopped", () => {
    expect(watch(2000, 2000)).toEqual([{ atSecs: 0.5, lengthMs: 2000, cause: "stopped" }]);
  });

  test("a minute on the wall clock alone: the machine slept", () => {
    expect(watch(100, 60_100)).toEqual([{ atSecs: 0.5, lengthMs: 60_000, cause: "asleep" }]);
  });

  test.each([-60_000, -800, 800, 4_000])("wall time off by %i ms: the clock was set", (offMs) => {
    expect(watch(100, 100 + offMs)).toEqual([
      { atSecs: 0.5, lengthMs: Math.abs(offMs), cause: "clock-step" },
    ]);
  });
});
