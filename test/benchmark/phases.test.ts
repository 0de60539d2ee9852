import { expect, test } from "vitest";
import { phaseLengths } from "../../src/benchmark/phases.ts";

test("a duration gives load × duration transactions, and a tenth of it as warm-up", () => {
  expect(phaseLengths({ durationSecs: 180 }, 600)).toEqual({
    warmUpSecs: 18,
    windowSecs: 180,
    windowTransactions: 108_000,
  });
});

test("a short run warms up for two seconds", () => {
  expect(phaseLengths({ durationSecs: 5 }, 50).warmUpSecs).toBe(2);
});

test("a number of transactions sets the window's length, whatever the duration says", () => {
  expect(phaseLengths({ durationSecs: 180, numTransactions: 1000, warmUpSecs: 0 }, 600)).toEqual({
    warmUpSecs: 0,
    windowSecs: 1000 / 600,
    windowTransactions: 1000,
  });
});

test("the slowest load still has one transaction", () => {
  expect(phaseLengths({ durationSecs: 1 }, 0.1).windowTransactions).toBe(1);
});
