import { describe, expect, test } from "vitest";
import { ObserverWatch } from "../../../src/load/observe/observer-watch.ts";

const periodMs = 10;

/** A watch over a window from 1000 to 3000 ms, with a clock and a CPU clock that the test moves. */
function openWatch() {
  let nowMs = 0;
  let cpuMs = 0;
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  const watch = new ObserverWatch(2000, clock, () => cpuMs);
  watch.begin(1000);
  return {
    watch,
    /** The thread comes back after so long, of which it worked so long. */
    pass: (ms: number, workedMs = 0) => {
      nowMs += ms;
      cpuMs += workedMs;
      watch.tick(nowMs, periodMs);
    },
    /** A block that was read at that time and is told now. */
    notify: (readMs: number) => {
      const block = {
        height: 1,
        fingerprint: "a",
        transactions: 5,
        heads: new Uint8Array(),
        messageBytes: 700,
      };
      watch.reported(block, { missed: false, readMs });
    },
  };
}

describe("what an observer sees of itself", () => {
  test("a long delay counts for all that would have come meanwhile", () => {
    const { watch, pass } = openWatch();
    for (let ms = 0; ms < 1500; ms += periodMs) pass(periodMs);
    pass(periodMs + 500);
    for (let ms = 2010; ms < 3000; ms += periodMs) pass(periodMs);
    const { loopDelayP99Ms = 0, loopDelayMaxMs } = watch.figures([]);
    expect(loopDelayMaxMs).toBe(500);
    // Half a second of two: of what came evenly, one in a hundred waited longer than all but 20 ms of it.
    expect(loopDelayP99Ms).toBeGreaterThan(470);
    expect(loopDelayP99Ms).toBeLessThanOrEqual(490);
  });

  test("what lies outside the window counts for nothing", () => {
    const { watch, pass, notify } = openWatch();
    pass(900, 700);
    notify(890);
    for (let ms = 900; ms < 3000; ms += periodMs) pass(periodMs, 1);
    notify(2990);
    notify(3000);
    pass(400, 400);
    const figures = watch.figures([]);
    expect(figures).toMatchObject({ blocks: 1, transactions: 5, bytes: 700, lagMaxMs: 10, cpuMaxRatio: 0.1 });
    expect(figures.loopDelayMaxMs).toBe(0);
    expect(figures.cpuMs).toBe(200);
  });

  test("the busiest second stands for itself; CPU time is of all the window", () => {
    const { watch, pass } = openWatch();
    for (let ms = 0; ms < 3100; ms += periodMs) pass(periodMs, ms >= 2000 && ms < 3000 ? 9 : 1);
    const { cpuMs, cpuMaxRatio } = watch.figures([]);
    expect(cpuMaxRatio).toBe(0.9);
    expect(cpuMs).toBe(1000);
  });
});

test("before the window begins there is nothing to tell", () => {
  const { watch, pass } = openWatch();
  pass(periodMs, 5);
  expect(watch.figures([{ node: "a", everyMs: 20 }])).toEqual({
    ...{ blocks: 0, transactions: 0, bytes: 0, polled: [{ node: "a", everyMs: 20 }] },
  });
});
