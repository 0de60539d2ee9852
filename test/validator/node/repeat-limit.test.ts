import fc from "fast-check";
import { expect, test } from "vitest";
import { RepeatLimit } from "../../../src/validator/node/logging.ts";

test("whatever comes when, each of it is either admitted or told of, and few of a kind are admitted in a window", () => {
  const event = fc.record({ key: fc.constantFrom("a", "b", "c"), afterMs: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(event), fc.integer({ min: 1, max: 3 }), (events, mostInWindow) => {
      const windowMs = 50;
      const limit = new RepeatLimit({ mostInWindow, windowMs });
      const admitted: { key: string; atMs: number }[] = [];
      let nowMs = 0;
      let reported = 0;
      const notify = (untilMs: number) => {
        for (const { more } of limit.ended(untilMs)) reported += more;
      };
      for (const { key, afterMs } of events) {
        nowMs += afterMs;
        notify(nowMs);
        if (limit.admits(key, nowMs)) admitted.push({ key, atMs: nowMs });
      }
      notify(Number.POSITIVE_INFINITY);
      expect(admitted.length + reported).toBe(events.length);
      for (const { key, atMs } of admitted) {
        const near = admitted.filter((other) => other.key === key && Math.abs(other.atMs - atMs) < windowMs);
        // Two windows can meet within any stretch of that length, before and after.
        expect(near.length).toBeLessThanOrEqual(3 * mostInWindow);
      }
    }),
  );
});
