import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearestName } from "../../../src/core/text/nearest.ts";

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["abc", "abc", 0],
    ["loads", "lods", 1],
    ["loads", "laods", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ])("%j and %j are %i apart", (a, b, wanted) => {
    expect(editDistance(a, b)).toBe(wanted);
  });

  test("is symmetric, 0 for equal words alone, and at most the longer word", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe("nearestName", () => {
  const known = ["--loads", "--local-loads", "--cleanup", "--cleanup-thorough", "--json"];
  test.each([
    ["a letter missing", "--lods", "--loads"],
    ["letters swapped", "--laods", "--loads"],
    ["the nearer of two", "--cleanup-througho", "--cleanup-thorough"],
    ["capitals and underscores", "--Local_Loads", "--local-loads"],
    ["nothing near", "--frobnicate", undefined],
    ["a very long word", `--${"x".repeat(10_000)}`, undefined],
  ])("%s", (_, word, wanted) => {
    expect(nearestName(word, known)).toBe(wanted);
  });
});
