import { describe, expect, test } from "vitest";
import { formatRunsCsv } from "../../../../src/results/report/documents/runs-csv.ts";
import { nativeRun } from "../../sample-native.ts";
import { sampleRuns, validRun } from "../../sample-results.ts";

/** Cells of lines, where no cell has a comma or a quote. */
const plainRows = (csv: string) =>
  csv
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));

describe("runs as a table", () => {
  test("have a row each, and every figure under a head with its unit", () => {
    const [head = [], first = [], ...others] = plainRows(formatRunsCsv([{ side: "A", runs: [validRun] }]));
    expect(others).toEqual([]);
    const row = Object.fromEntries(head.map((name, at) => [name, first[at]]));
    expect(row).toMatchObject({
      side: "A",
      benchmark_number: "1",
      "parameters.load [tx/s or in flight]": "100",
      "results.throughput [tx/s]": "95.2",
      "results.latency.commit.p99_ms [ms]": "80.191",
      "results.efficiency_percent [%]": "95.2",
      "ledger.sent.acknowledged.committed [transactions]": "18000",
      "verdict.status": "valid",
    });
  });

  test("leave empty what was not seen, so that all rows are as long as the head", () => {
    const quiet = [...Object.values(sampleRuns), nativeRun].map((run) => ({
      ...run,
      verdict: { ...run.verdict, reasons: [] },
    }));
    const rows = plainRows(formatRunsCsv([{ side: "A", runs: quiet }]));
    expect(rows).toHaveLength(quiet.length + 1);
    expect(new Set(rows.map((cells) => cells.length)).size).toBe(1);
  });

  test("quote what others wrote, and let no spreadsheet take it for a formula", () => {
    const verdict = { status: "invalid", reasons: ['=HYPERLINK("http://x"),1'] } as const;
    const csv = formatRunsCsv([{ side: "-1+2", runs: [{ ...validRun, verdict }] }]);
    expect(csv).toContain(`"'=HYPERLINK(""http://x""),1"`);
    expect(csv.split("\r\n")[1]).toMatch(/^'-1\+2,/);
  });
});
