import { expect, test } from "vitest";
import { watchForSilence } from "../../../src/load/observe/commit-watch.ts";

/** What is doubted at each look, a second apart, by the heights that two nodes have told by then. */
function questionsAt(looks: readonly (readonly [number, number])[]): string[] {
  const questioned: string[] = [];
  let reported: readonly number[] = [];
  const observers = [0, 1].map((index) => ({
    height: () => reported[index] ?? 0,
    question: (height: number) => questioned.push(`node${index} at ${height}`),
  }));
  const look = watchForSilence(observers, 3_000);
  return looks.flatMap((heights, second) => {
    reported = heights;
    look(second * 1000);
    return questioned.splice(0).map((what) => `${second} s: ${what}`);
  });
}

test.each<[string, readonly (readonly [number, number])[], readonly string[]]>([
  [
    "one that shows nothing while another goes on, again and again",
    [
      [5, 5],
      [6, 5],
      [7, 5],
      [8, 5],
      [9, 5],
      [10, 5],
      [11, 5],
      [12, 5],
    ],
    ["4 s: node1 at 6", "7 s: node1 at 9"],
  ],
  [
    "none that goes on, however far behind",
    [
      [50, 1],
      [60, 2],
      [70, 3],
      [80, 4],
      [90, 5],
      [99, 6],
    ],
    [],
  ],
  [
    "none where all are silent",
    [
      [7, 5],
      [7, 5],
      [7, 5],
      [7, 5],
      [7, 5],
      [7, 5],
    ],
    [],
  ],
  [
    "none that comes back in time",
    [
      [6, 5],
      [7, 5],
      [8, 5],
      [8, 8],
      [9, 8],
      [10, 8],
      [11, 11],
    ],
    [],
  ],
  [
    "one that never showed anything",
    [
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
    ],
    ["3 s: node1 at 1"],
  ],
])("doubts %s", (_, looks, expected) => {
  expect(questionsAt(looks)).toEqual(expected);
});
