import { expect, test } from "vitest";
import { joinCuts } from "../../../src/load/timeline/segments.ts";

const phases = [
  { name: "a", fromMs: 0, toMs: 2_000 },
  { name: "b", fromMs: 2_000, toMs: 5_000 },
];

test("phases alone cut the window, and set the warm-up apart", () => {
  expect(joinCuts([], phases, 1_000)).toEqual([
    { fromMs: -1_000, down: [] },
    { fromMs: 0, down: [], phase: 0 },
    { fromMs: 2_000, down: [], phase: 1 },
  ]);
  expect(joinCuts([], phases, 0)[0]).toEqual({ fromMs: 0, down: [], phase: 0 });
});

test("crashes alone cut as they did", () => {
  const crashes = [
    { fromMs: -1_000, down: [] },
    { fromMs: 0, down: [3] },
  ];
  expect(joinCuts(crashes, [], 1_000)).toEqual(crashes);
});

test("both cut where either does", () => {
  const crashes = [
    { fromMs: -1_000, down: [] },
    { fromMs: 0, down: [3] },
    { fromMs: 3_000, down: [2] },
  ];
  expect(joinCuts(crashes, phases, 1_000)).toEqual([
    { fromMs: -1_000, down: [] },
    { fromMs: 0, down: [3], phase: 0 },
    { fromMs: 2_000, down: [3], phase: 1 },
    { fromMs: 3_000, down: [2], phase: 1 },
  ]);
});
