import { expect, test } from "vitest";
import { Alarm } from "../../src/core/alarm.ts";
import { systemClock } from "../../src/core/clock.ts";

/** Resolves with how late an alarm rang that was set by `set`. */
function ringing(spinMs: number, set: (alarm: Alarm) => number): Promise<number> {
  return new Promise((resolve) => {
    let dueMs = 0;
    const alarm = new Alarm(systemClock, () => resolve(systemClock.monotonicMs() - dueMs), spinMs);
    dueMs = set(alarm);
  });
}

test.each([0, 1.5])(
  "rings at its time and never before, with %d ms of turning the loop over",
  async (spinMs) => {
    for (const waitMs of [-5, 0, 0.3, 1, 7, 33.3]) {
      const lateMs = await ringing(spinMs, (alarm) => {
        const dueMs = systemClock.monotonicMs() + waitMs;
        alarm.set(dueMs);
        return dueMs;
      });
      expect(lateMs).toBeGreaterThanOrEqual(0);
    }
  },
);

test("setting it again moves it, and what is cleared does not ring", async () => {
  const rung: string[] = [];
  const cleared = new Alarm(systemClock, () => rung.push("cleared"));
  cleared.set(systemClock.monotonicMs() + 2);
  cleared.clear();
  const lateMs = await ringing(0, (alarm) => {
    alarm.set(systemClock.monotonicMs() + 1);
    const dueMs = systemClock.monotonicMs() + 30;
    alarm.set(dueMs);
    return dueMs;
  });
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(rung).toEqual([]);
});
