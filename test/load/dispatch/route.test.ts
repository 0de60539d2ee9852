import { expect, test } from "vitest";
import { Reachability } from "../../../src/load/dispatch/route.ts";

test("a target is down once it cannot be reached, is tried again a second later, and is up when it replies", () => {
  const target = new Reachability();
  expect([target.isDown, target.isDueForRetry(0)]).toEqual([false, false]);
  target.trying();
  target.failed("unreachable", 0);
  expect([target.isDown, target.isDueForRetry(999), target.isDueForRetry(1000)]).toEqual([true, false, true]);
  target.trying();
  // One request finds out, and nobody else meanwhile.
  expect([target.isDown, target.isDueForRetry(60_000)]).toEqual([true, false]);
  target.replied();
  expect([target.isDown, target.isDueForRetry(60_000)]).toEqual([false, false]);
});

test("a target that hangs up or is silent was reached: it is not down for that, nor does it come back by it", () => {
  const target = new Reachability();
  target.failed("broken", 0);
  target.failed("timedOut", 0);
  expect(target.isDown).toBe(false);
  target.failed("unreachable", 0);
  target.trying();
  target.failed("broken", 5000);
  expect([target.isDown, target.isDueForRetry(5999), target.isDueForRetry(6000)]).toEqual([
    true,
    false,
    true,
  ]);
});
