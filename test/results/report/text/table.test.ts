import { expect, test } from "vitest";
import { formatTable } from "../../../../src/results/report/text/table.ts";

test("a table is plain text with its heads, a rule and aligned rows", () => {
  const text = formatTable(
    [
      { head: ["Load", "tx/s"], align: "right" },
      { head: ["Verdict", ""], align: "left" },
    ],
    [
      ["100", "valid"],
      ["12500", "two\nlines"],
    ],
  );
  expect(text).toBe(
    [" Load Verdict", " tx/s", "-------------", "  100 valid", "12500 two", "      lines"].join("\n"),
  );
});
