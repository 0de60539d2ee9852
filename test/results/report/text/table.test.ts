import { expect, test } from "vitest";
import { formatTable, left, right } from "../../../../src/results/report/text/table.ts";

test("a table is plain text with its heads, a rule and aligned rows", () => {
  const text = formatTable<Record<"load" | "verdict", string>>(
    [right("Load\ntx/s", ({ load }) => load), left("Verdict", ({ verdict }) => verdict)],
    [
      { load: "100", verdict: "valid" },
      { load: "12500", verdict: "two\nlines" },
    ],
  );
  expect(text).toBe(
    [" Load Verdict", " tx/s", "-------------", "  100 valid", "12500 two", "      lines"].join("\n"),
  );
});
