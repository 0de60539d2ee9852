import { expect, test } from "vitest";
import {
  formatAsked,
  formatFigure,
  formatMs,
  formatPercent,
  formatQuantile,
} from "../../../../src/results/report/text/figures.ts";

test.each([
  [0, "0.00"],
  [0.811, "0.81"],
  [9.99, "9.99"],
  [9.999, "10.0"],
  [45.24, "45.2"],
  [999.9, "999.9"],
  [999.96, "1000"],
  [12_345.6, "12346"],
])("a measured %d is shown as %s", (value, text) => {
  expect(formatFigure(value)).toBe(text);
});

test.each([
  [100, "100"],
  [0.5, "0.5"],
  [5 / 3, "1.667"],
])("an asked-for %d is shown as %s", (value, text) => {
  expect(formatAsked(value)).toBe(text);
});

test.each([
  [1, "100.0%"],
  [0.999_99, "99.9%"],
  [0.95, "95.0%"],
  [0.29, "29.0%"],
  [1.15, "115.0%"],
  [0, "0.0%"],
])("a ratio of %d is shown as %s, never above what it is", (ratio, text) => {
  expect(formatPercent(ratio)).toBe(text);
});

test("a lower bound is marked, and what was not seen is no 0", () => {
  expect(formatQuantile({ ms: 30_000, atLeast: true })).toBe("≥30000");
  expect(formatQuantile({ ms: 44.13, atLeast: false })).toBe("44.1");
  expect(formatQuantile(undefined)).toBe("-");
  expect(formatMs(undefined)).toBe("none seen");
});
