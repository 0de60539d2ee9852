import { expect, test } from "vitest";
import { phaseLengths } from "../../../src/load/level/phases.ts";

const profile = { kind: "constant", level: 1 } as const;

test("a duration gives load × duration transactions, and a tenth of it as warm-up", () => {
  expect(phaseLengths({ profile, durationSecs: 180 }, 600)).toEqual({
    warmUpSecs: 18,
    windowSecs: 180,
    windowTransactions: 108_000,
  });
});

test("a short run warms up for two seconds", () => {
  expect(phaseLengths({ profile, durationSecs: 5 }, 50).warmUpSecs).toBe(2);
});

test("a number of transactions sets the window's length, whatever the duration says", () => {
  expect(phaseLengths({ profile, durationSecs: 180, numTransactions: 1000, warmUpSecs: 0 }, 600)).toEqual({
    warmUpSecs: 0,
    windowSecs: 1000 / 600,
    windowTransactions: 1000,
  });
});

test("the slowest load still has one transaction", () => {
  expect(phaseLengths({ profile, durationSecs: 1 }, 0.1).windowTransactions).toBe(1);
});

test("a profile's transactions are its integral, or make the window as long as they take", () => {
  const ramp = { kind: "ramp", from: 0, to: 3 } as const;
  expect(phaseLengths({ profile: ramp, durationSecs: 60 }, 100).windowTransactions).toBe(9_000);
  const counted = phaseLengths({ profile: ramp, durationSecs: 60, numTransactions: 300 }, 100);
  expect(counted).toMatchObject({ windowTransactions: 300, windowSecs: 2 });
});

test("a closed loop has no schedule", () => {
  expect(phaseLengths({ profile: { kind: "closed" }, durationSecs: 60 }, 64).windowTransactions).toBe(0);
});
