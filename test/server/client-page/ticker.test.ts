import { expect, test } from "vitest";
import { type PageClock, Ticker } from "../../../src/server/client-page/browser/ticker.ts";

/** Time that passes when nothing else goes on. @param latenessMs of each timer, in turn */
function heldClock(latenessMs: readonly number[] = [0]): PageClock {
  let nowMs = 1000;
  let count = 0;
  return {
    now: () => nowMs,
    setTimer(act, ms) {
      setImmediate(() => {
        nowMs += ms + (latenessMs[count++ % latenessMs.length] ?? 0);
        act();
      });
    },
  };
}

async function run(clock: PageClock, durationMs: number) {
  const ticker = new Ticker(clock);
  const ticks: { elapsedMs: number; deltaMs: number }[] = [];
  await ticker.run(durationMs, (elapsedMs, deltaMs) => ticks.push({ elapsedMs, deltaMs }));
  return { ticker, ticks };
}

test("sixty ticks a second, each at its due time", async () => {
  const { ticks, ticker } = await run(heldClock(), 10_000);
  expect(ticks).toHaveLength(599);
  for (const [index, { elapsedMs }] of ticks.entries()) {
    expect(elapsedMs).toBeCloseTo(((index + 1) * 1000) / 60, 6);
  }
  expect(ticker.takeFigures()).toMatchObject({ ticks: 599, latenessMaxMs: expect.closeTo(0, 6) });
  expect(ticker.takeFigures()).toEqual({ ticks: 0, latenessSumMs: 0, latenessMaxMs: 0 });
});

test("late timers are measured and do not add up", async () => {
  const { ticks, ticker } = await run(heldClock([0, 4, 9]), 10_000);
  expect(ticks.length).toBeGreaterThanOrEqual(598);
  const { ticks: count, latenessSumMs, latenessMaxMs } = ticker.takeFigures();
  expect(latenessMaxMs).toBeCloseTo(9, 6);
  expect(latenessSumMs / count).toBeCloseTo(13 / 3, 1);
});

test("ticks that a stalled page missed are left out, and deltas add up to the time", async () => {
  const { ticks } = await run(heldClock([0, 0, 500]), 5_000);
  expect(ticks.length).toBeLessThan(60);
  const sum = ticks.reduce((total, { deltaMs }) => total + deltaMs, 0);
  expect(sum).toBeCloseTo(ticks.at(-1)?.elapsedMs ?? 0, 6);
});

test("no tick comes at the end, after it, or after a stop", async () => {
  const { ticks } = await run(heldClock([3]), 100);
  expect(ticks.every(({ elapsedMs }) => elapsedMs < 100)).toBe(true);
  const ticker = new Ticker(heldClock());
  let count = 0;
  await ticker.run(100_000, () => {
    if (++count === 5) ticker.stop();
  });
  expect(count).toBe(5);
});

test("an error of the routine ends the run", async () => {
  const ticker = new Ticker(heldClock());
  const running = ticker.run(1000, () => {
    throw new Error("routine");
  });
  await expect(running).rejects.toThrow("routine");
});
