import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RateLimit } from "../../../src/validator/engine/sync/rate-limit.ts";
import { Bans } from "../../../src/validator/net/bans.ts";

describe("a rate limit", () => {
  const open = (mostKeys = 10) => new RateLimit({ burst: 2, everyMs: 1_000, mostKeys });

  test("lets a burst pass, then one per period, and counts what it held back", () => {
    const limit = open();
    const passed = [0, 0, 0, 500, 999, 1_000, 1_001, 2_000].map((nowMs) => limit.pass("a", nowMs));
    expect(passed).toEqual([0, 0, undefined, undefined, undefined, 3, undefined, 1]);
    expect(limit.pass("b", 2_000)).toBe(0);
  });

  test("gives back what was held back once it may be told, and only once", () => {
    const limit = open();
    for (let i = 0; i < 10; i++) limit.pass("a", 0);
    expect([...limit.passHeldBack(999)]).toEqual([]);
    expect([...limit.passHeldBack(1_000)]).toEqual([["a", 8]]);
    expect([...limit.passHeldBack(9_000)]).toEqual([]);
  });

  test("never lets more pass than the burst and one per period, and loses no count", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(700), { maxLength: 200 }), (gaps) => {
        const limit = open();
        let nowMs = 0;
        let passed = 0;
        let heldBack = 0;
        for (const gap of gaps) {
          nowMs += gap;
          const count = limit.pass("a", nowMs);
          if (count === undefined) continue;
          passed++;
          heldBack += count;
        }
        for (const [, count] of limit.passHeldBack(nowMs + 1_000)) heldBack += count;
        expect(passed).toBeLessThanOrEqual(2 + nowMs / 1_000);
        expect(passed + heldBack).toBe(gaps.length);
      }),
    );
  });

  test("holds new keys back where too many are in use, and forgets those that are not", () => {
    const limit = open(3);
    for (const key of ["a", "b", "c"]) limit.pass(key, 0);
    expect(limit.pass("d", 500)).toBeUndefined();
    expect(limit.pass("d", 1_000)).toBe(0);
  });
});

describe("bans", () => {
  test("double while it goes on, up to the longest, and begin anew after a quiet time", () => {
    const bans = new Bans({ firstMs: 5, longestMs: 60, quietMs: 100 });
    let nowMs = 0;
    const periods = Array.from({ length: 6 }, () => {
      const periodMs = bans.ban(3, nowMs);
      expect(bans.remainingMs(3, nowMs)).toBe(periodMs);
      nowMs += periodMs;
      expect(bans.remainingMs(3, nowMs)).toBe(0);
      return periodMs;
    });
    expect(periods).toEqual([5, 10, 20, 40, 60, 60]);
    expect(bans.ban(3, nowMs + 100)).toBe(60);
    expect(bans.ban(3, nowMs + 100 + 60 + 101)).toBe(5);
    expect(bans.remainingMs(2, nowMs)).toBe(0);
  });
});
