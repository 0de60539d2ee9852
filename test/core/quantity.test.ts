import { describe, expect, test } from "vitest";
import {
  bitRate,
  byteSize,
  duration,
  formatQuantity,
  parseQuantity,
  type QuantityKind,
  share,
  waitingTime,
} from "../../src/core/quantity.ts";

test.each<[unknown, QuantityKind, number]>([
  ["50ms", duration, 50],
  ["1.5s", duration, 1500],
  ["1.1s", duration, 1100],
  ["250us", duration, 0.25],
  [" 7 ms ", duration, 7],
  ["0ms", duration, 0],
  [".5ms", duration, 0.5],
  ["1%", share, 0.01],
  ["7%", share, 0.07],
  ["0.05%", share, 0.0005],
  ["100%", share, 1],
  ["20mbit", bitRate, 20_000_000],
  ["20Mbit", bitRate, 20_000_000],
  ["1gbit", bitRate, 1_000_000_000],
  ["100kbit", bitRate, 100_000],
  ["64kB", byteSize, 64_000],
])("%j is read", (text, kind, value) => {
  expect(parseQuantity(text, kind)).toEqual({ value });
});

test.each<[string, unknown, QuantityKind, string]>([
  ["no unit", "50", duration, '"50" has no unit; give a time such as 50ms, 1.5s or 250us'],
  ["a bare number", 0.01, share, '"0.01" has no unit; give a percentage such as 1% or 0.05%'],
  ["another unit", "5min", duration, '"5min" has an unknown unit; give a time such as 50ms, 1.5s or 250us'],
  [
    "a unit of another kind",
    "50ms",
    bitRate,
    '"50ms" has an unknown unit; give a rate such as 100kbit, 20mbit or 1gbit',
  ],
  ["a negative one", "-5ms", duration, '"-5ms" cannot be read; give a time such as 50ms, 1.5s or 250us'],
  ["no number", "fast", duration, '"fast" cannot be read; give a time such as 50ms, 1.5s or 250us'],
  ["nothing", "", duration, '"" cannot be read; give a time such as 50ms, 1.5s or 250us'],
  ["a table", { a: 1 }, share, '"{"a":1}" cannot be read; give a percentage such as 1% or 0.05%'],
  ["too long a time", "61s", duration, '"61s" is out of range; give 0ms to 60s'],
  ["a queue without room", "0ms", waitingTime, '"0ms" is out of range; give 1us to 60s'],
  ["more than all", "101%", share, '"101%" is out of range; give 0% to 100%'],
  ["too slow", "1bit", bitRate, '"1bit" is out of range; give 1kbit to 100gbit'],
  ["less than a packet", "1kB", byteSize, '"1kB" is out of range; give 1500B to 1000MB'],
])("%s is refused", (_, given, kind, problem) => {
  expect(parseQuantity(given, kind)).toEqual({ problem });
});

test("a long text is shown shortened", () => {
  expect(parseQuantity("x".repeat(1000), duration)).toEqual({
    problem: `"${"x".repeat(39)}…" cannot be read; give a time such as 50ms, 1.5s or 250us`,
  });
});

describe("a value is written as it can be read", () => {
  test.each<[number, QuantityKind, string]>([
    [1_500_000, bitRate, "1.5mbit"],
    [1_000_000_000, bitRate, "1gbit"],
    [0.25, duration, "250us"],
    [1500, byteSize, "1.5kB"],
    [64_000, byteSize, "64kB"],
    [0.05, share, "5%"],
  ])("%j", (value, kind, text) => {
    expect(formatQuantity(value, kind)).toBe(text);
    expect(parseQuantity(text, kind)).toEqual({ value });
  });
});
