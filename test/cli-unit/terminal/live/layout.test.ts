import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf, cut, flow, progressBar, sparkline } from "../../../../src/cli/terminal/live/layout.ts";

const pieces = (...texts: readonly string[]) => texts.map((text) => ({ text }));
const lines = (texts: readonly string[], columns: number) =>
  flow(pieces(...texts), columns).map((line) => line.map(({ text }) => text).join(""));

describe("pieces", () => {
  test("stand beside each other as long as there is room, and stay whole", () => {
    expect(lines(["one", "two", "three"], 15)).toEqual(["one  two  three"]);
    expect(lines(["one", "two", "three"], 14)).toEqual(["one  two", "  three"]);
    expect(lines(["one", "two", "three"], 4)).toEqual(["one", "  t…", "  t…"]);
    expect(lines([], 4)).toEqual([]);
  });

  test("are painted without being wider", () => {
    const [one, two] = [{ text: "one", colour: "red" } as const, { text: "two" }];
    expect(flow([one, two], 8)).toEqual([[one, { text: "  " }, two]]);
  });

  test("are never wider than the terminal, whatever they hold", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    fc.assert(
      fc.property(fc.array(text), fc.integer({ min: 1, max: 100 }), (texts, columns) => {
        for (const line of lines(texts, columns)) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test.each([
  ["node0", 5],
  ["日本", 4],
  ["🐳 x", 4],
])("%s takes %d columns", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test.each([
  ["node0", 5, "node0"],
  ["node0", 4, "nod…"],
  ["日本語", 5, "日本…"],
  ["日本語", 4, "日…"],
  ["node0", 1, "…"],
  ["node0", 0, ""],
])("%s in %d columns is %s", (text, columns, shown) => {
  expect(cut(text, columns)).toBe(shown);
});

test.each<[readonly (number | undefined)[], string]>([
  [[], ""],
  [[0, 0], "▁▁"],
  [[0, 50, undefined, 100], "▁▅ █"],
])("bars of %j are %s", (values, shown) => {
  expect(sparkline(values)).toBe(shown);
});

test.each([
  [0, "░░░░░░░░░░"],
  [0.55, "█████░░░░░"],
  [1, "██████████"],
])("%d of it is %s", (ratio, shown) => {
  expect(progressBar(ratio)).toBe(shown);
});
