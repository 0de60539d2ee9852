import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rfc3339 } from "../../../src/validator/rpc/shapes.ts";

describe("times in replies", () => {
  test.each([
    [0, "1970-01-01T00:00:00Z"],
    [1_767_225_600_120, "2026-01-01T00:00:00.12Z"],
    [253_402_300_799_999, "9999-12-31T23:59:59.999Z"],
    [253_402_300_800_000, "9999-12-31T23:59:59.999Z"],
    [9e15, "9999-12-31T23:59:59.999Z"],
    [Number.POSITIVE_INFINITY, "9999-12-31T23:59:59.999Z"],
    [-1, "1970-01-01T00:00:00Z"],
    [Number.NaN, "1970-01-01T00:00:00Z"],
  ])("%d ms are %s", (timeMs, expected) => {
    expect(rfc3339(timeMs)).toBe(expected);
  });

  test("any number is a time", () => {
    fc.assert(
      fc.property(fc.double(), (timeMs) => {
        expect(rfc3339(timeMs)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/);
      }),
    );
  });
});
