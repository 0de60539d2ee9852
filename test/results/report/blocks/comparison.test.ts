import { describe, expect, test } from "vitest";
import { formatComparison } from "../../../../src/results/report/blocks/comparison.ts";
import { sampleComparisons } from "../../sample-comparisons.ts";

describe("a comparison in words", () => {
  test.each(Object.entries(sampleComparisons))("looks as recorded: %s", async (name, comparison) => {
    const text = formatComparison(comparison);
    await expect(`${text}\n`).toMatchFileSnapshot(`comparison.${name}.golden.txt`);
  });

  test("has a table within 80 columns", () => {
    for (const comparison of Object.values(sampleComparisons)) {
      const rows = formatComparison(comparison)
        .split("\n")
        .filter((line) => / {3}/.test(line));
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(80);
    }
  });
});
