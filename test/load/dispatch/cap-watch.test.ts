import { describe, expect, test } from "vitest";
import { CapWatch } from "../../../src/load/dispatch/cap-watch.ts";

/** A node that has replied in `usualMs` each 20 ms for `replies` times; the time is that of the last one. */
function openWatch({ usualMs = 2, replies = 200 } = {}) {
  const watch = new CapWatch(64, 50);
  for (let i = 1; i <= replies; i++) watch.replied(20 * i, usualMs);
  return { watch, nowMs: 20 * replies };
}

describe("CapWatch", () => {
  test("the cap holds up what waits while the node answers", () => {
    const { watch, nowMs } = openWatch();
    expect(watch.holdsUp(nowMs + 250)).toBe(true);
  });

  test("a node that is silent is to blame itself", () => {
    const { watch, nowMs } = openWatch();
    expect(watch.holdsUp(nowMs + 251)).toBe(false);
    expect(new CapWatch(1, 50).holdsUp(0)).toBe(false);
  });

  test("a small share fills fast, and is silent soon", () => {
    const watch = new CapWatch(1, 50);
    watch.replied(100, 2);
    expect([watch.holdsUp(110), watch.holdsUp(111)]).toEqual([true, false]);
  });

  test("after a stall it has as long again; then it is the cap", () => {
    const { watch, nowMs } = openWatch();
    const backMs = nowMs + 2000;
    watch.replied(backMs, 2000);
    for (let ms = 20; ms <= 2200; ms += 20) {
      watch.replied(backMs + ms, 2);
      expect(watch.holdsUp(backMs + ms)).toBe(ms > 2000);
    }
  });

  test("a second stall is one too", () => {
    const { watch, nowMs } = openWatch();
    watch.replied(nowMs + 2000, 2000);
    for (let i = 1; i <= 200; i++) watch.replied(nowMs + 2000 + 20 * i, 2);
    expect(watch.holdsUp(nowMs + 6000)).toBe(true);
    watch.replied(nowMs + 7000, 1000);
    expect(watch.holdsUp(nowMs + 7500)).toBe(false);
  });

  test("a node that is always slow does not stall: the cap is too small for it", () => {
    const { watch, nowMs } = openWatch({ usualMs: 2000 });
    expect(watch.holdsUp(nowMs + 1)).toBe(true);
  });

  test("a node that has become slow for good is excused for no longer than twice as long as it takes", () => {
    const { watch, nowMs } = openWatch();
    for (let ms = 2000; ms <= 6000; ms += 20) {
      watch.replied(nowMs + ms, 2000);
      if (ms > 4400) expect(watch.holdsUp(nowMs + ms)).toBe(true);
    }
  });

  test("delays that are short are no stalls, however quick the node is otherwise", () => {
    const { watch, nowMs } = openWatch();
    watch.replied(nowMs + 200, 200);
    expect(watch.holdsUp(nowMs + 201)).toBe(true);
  });
});
