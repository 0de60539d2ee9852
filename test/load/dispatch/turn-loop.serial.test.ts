import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import type { PacingMode } from "../../../src/load/plan/client-plan.ts";
import { measureTurns } from "../pacing/turns.ts";
import { timed } from "../setting.ts";

const worker = new URL("../pacing/turns-worker.ts", import.meta.url);

/** How late turns come that are wanted every so often, by a loop in a thread of its own. */
async function measureInThread(mode: PacingMode, everyMs: number): Promise<number[]> {
  const thread = new Worker(worker, { workerData: { mode, everyMs } });
  try {
    return await new Promise<number[]>((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", reject);
    });
  } finally {
    await thread.terminate();
  }
}

/** A fifth of all are at least as punctual: how a thread fares that has its core, also where it often has not. */
const fifthOf = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 5)] ?? Number.NaN;

describe("turns come after the time that they are wanted at", () => {
  test.each([
    ["precise", 0.5, 0.1],
    ["precise", 7, 0.1],
    ["balanced", 0.5, 0.4],
    ["balanced", 7, 0.4],
    ["eco", 7, 2],
  ] as const)("%s, every %d ms: some by less than %d ms", timed, async (mode, everyMs, withinMs) => {
    const lateMs = await measureInThread(mode, everyMs);
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
    expect(fifthOf(lateMs)).toBeLessThan(withinMs);
  });

  test("balanced gives its core away in between, again and again, and precise does not", timed, async () => {
    const givenAway = async (mode: PacingMode) => {
      const before = process.resourceUsage().voluntaryContextSwitches;
      await measureInThread(mode, 1);
      return process.resourceUsage().voluntaryContextSwitches - before;
    };
    expect(await givenAway("balanced")).toBeGreaterThan(2 * (await givenAway("precise")));
  });

  test("also on a main thread, whatever the mode", timed, async () => {
    expect(fifthOf(await measureTurns({ mode: "balanced", everyMs: 1, clock: systemClock }))).toBeLessThan(
      0.4,
    );
  });
});
