import { expect, test } from "vitest";
import { formatTable } from "../../benchmarks/suite/markdown.ts";

test("a table is Markdown, and its columns line up as plain text", () => {
  expect(
    formatTable(
      ["system", "p50 ms"],
      [
        ["embedded", "135.2"],
        ["a|b", "1250.0"],
      ],
    ),
  ).toBe(
    [
      "| system   | p50 ms |",
      "|----------|-------:|",
      "| embedded |  135.2 |",
      "| a\\|b     | 1250.0 |",
    ].join("\n"),
  );
});
