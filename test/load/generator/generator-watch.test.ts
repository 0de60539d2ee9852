import { describe, expect, test } from "vitest";
import { openCpuShare, threadCpuMs, watchGcPauses } from "../../../src/load/generator/generator-probe.ts";
import { GeneratorSummary } from "../../../src/metrics/hosts/generator.ts";

const empty = { due: 0, sent: 0, acknowledged: 0, committed: 0 };

describe("the share of a core", () => {
  test("is what was used since the last look, over the time that passed", () => {
    let [cpuMs, atMs] = [100, 5000];
    const share = openCpuShare(
      () => cpuMs,
      () => atMs,
    );
    [cpuMs, atMs] = [350, 6000];
    expect(share()).toBe(0.25);
    expect(share()).toBeUndefined();
    [cpuMs, atMs] = [2350, 10_000];
    expect(share()).toBe(0.5);
  });
});

describe("a generator's seconds, summed up", () => {
  test("are those that begin in the window", () => {
    const summary = new GeneratorSummary(1500);
    summary.add({ ...empty, second: -1, loopDelayMaxMs: 90, cpuRatio: 1, gcPauseMs: 90, latenessP99Ms: 90 });
    summary.add({ ...empty, second: 0, loopDelayMaxMs: 2, cpuRatio: 0.25, gcPauseMs: 3, latenessP99Ms: 1 });
    summary.add({ ...empty, second: 1, loopDelayMaxMs: 5, cpuRatio: 0.75, gcPauseMs: 1 });
    summary.add({ ...empty, second: 2, loopDelayMaxMs: 90, cpuRatio: 1, gcPauseMs: 90, latenessP99Ms: 90 });
    expect(summary.figures()).toEqual({
      latenessP99MaxMs: 1,
      loopDelayMaxMs: 5,
      cpuMeanRatio: 0.5,
      cpuMaxRatio: 0.75,
      gcPauseTotalMs: 4,
      gcPauseMaxMs: 3,
    });
  });

  test("leave out what no second knew, and never say 0 for it", () => {
    const summary = new GeneratorSummary(1000);
    summary.add({ ...empty, second: 0 });
    expect(Object.values(summary.figures()).every((figure) => figure === undefined)).toBe(true);
  });
});

describe("this thread", () => {
  test("tells the CPU time that it used, and each pause of its garbage collection, until it is let go", async () => {
    const pausesMs: number[] = [];
    let seen = () => {};
    const paused = () =>
      new Promise<void>((resolve) => {
        seen = resolve;
      });
    const pauses = watchGcPauses((lengthMs) => {
      pausesMs.push(lengthMs);
      seen();
    });
    const first = paused();
    const beforeMs = threadCpuMs();
    // Some garbage that outlives the young generation: collecting it takes both CPU time and pauses.
    while (threadCpuMs() < beforeMs + 50) makeGarbage();
    await first;
    expect(pausesMs.every((ms) => ms > 0 && ms < 60_000)).toBe(true);
    pauses[Symbol.dispose]();
    const known = pausesMs.length;
    makeGarbage();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(pausesMs).toHaveLength(known);
  });
});

function makeGarbage(): void {
  const kept = new Array(1000);
  for (let i = 0; i < 200_000; i++) kept[i % kept.length] = { i };
}
