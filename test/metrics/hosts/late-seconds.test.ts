import { describe, expect, test } from "vitest";
import { LateSeconds } from "../../../src/metrics/hosts/late-seconds.ts";
import { defaultParameters } from "../../../src/options/defaults.ts";

const here = new Set(["coordinator"]);

/** A window of four seconds and a half, whose sends are late in all but the first. */
function seen() {
  const seconds = new LateSeconds(defaultParameters.environmentLimits, 4.5);
  const latenessP99Ms = [9, 2, 9, 9, 9, 9];
  for (const [index, ms] of latenessP99Ms.entries())
    seconds.addSends({ second: index - 1, latenessP99Ms: ms });
  seconds.addSends({ second: 4.5, latenessP99Ms: 9 });
  return seconds;
}

describe("late seconds", () => {
  test("are those of the window above the limit", () => {
    expect(seen().count(5, here)).toEqual({ late: 4, disturbed: 0 });
    expect(seen().count(9, here)).toBeUndefined();
  });

  test.each([
    ["others' CPU", { backgroundRatio: 0.11 }, 1],
    ["CPU that the hypervisor stole", { stealRatio: 0.06 }, 1],
    ["waiting for memory", { memoryPressureRatio: 0.2 }, 1],
    ["nothing beyond its limit", { backgroundRatio: 0.1, stealRatio: 0.05, memoryPressureRatio: 0.1 }, 0],
    ["a clock that fell", { frequencyMhz: 800 }, 0],
  ])("are disturbed by %s on a machine of clients", (_, figures, disturbed) => {
    const seconds = seen();
    seconds.addMachine({ host: "coordinator", second: 2, ...figures });
    seconds.addMachine({ host: "coordinator", second: 0, ...figures });
    expect(seconds.count(5, here)).toEqual({ late: 4, disturbed });
    expect(seconds.count(5, new Set(["host0"]))).toEqual({ late: 4, disturbed: 0 });
  });
});
