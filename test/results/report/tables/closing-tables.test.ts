import { describe, expect, test } from "vitest";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import type { SearchOutcome, SearchReport } from "../../../../src/contracts/results/search.ts";
import { reportSearch } from "../../../../src/results/analysis/schedule/schedule.ts";
import { formatHeader, type HeaderFacts } from "../../../../src/results/report/blocks/header.ts";
import { formatSearch } from "../../../../src/results/report/blocks/search.ts";
import { buildResultsDocument } from "../../../../src/results/report/documents/results-json.ts";
import { formatClosing } from "../../../../src/results/report/documents/summary-text.ts";
import { formatSummaryTable } from "../../../../src/results/report/tables/summary-table.ts";
import { buildSummaryJson } from "../../../../src/results/schema/summary.ts";
import { censoredRun, invalidRun, sweepParameters, validRun } from "../../sample-results.ts";
import { searchReport, searchRuns, searchSettings } from "../../sample-search.ts";

const facts: HeaderFacts = { runtime: "process" };
const golden = (name: string) => `${name}.golden.txt`;

describe("the tables over repeats", () => {
  const repeat = (run: RunResult, repetition: number, throughputTps: number): RunResult => ({
    ...{ ...run, repetition, throughputTps },
    efficiencyRatio: throughputTps / run.parameters.loadTps,
  });
  const runs = [
    repeat(validRun, 1, 95.2),
    repeat(censoredRun, 1, 152.35),
    repeat(validRun, 2, 96.1),
    repeat({ ...censoredRun, verdict: invalidRun.verdict }, 2, 150),
  ].map((run, index) => ({ ...run, benchmarkNumber: index + 1 }));

  test("look as recorded, and stay within 80 columns", async () => {
    const text = formatClosing({ runs }, { runs: 2 });
    await expect(`${text}\n`).toMatchFileSnapshot(golden("closing-tables.repeats"));
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("are not there where each load ran once", () => {
    const verdict = "VERDICT: 3 of 4 runs valid, 1 of 4 runs invalid";
    expect(formatClosing({ runs }, { runs: 1 })).toBe(`${verdict}\n\nSUMMARY\n${formatSummaryTable(runs)}`);
  });
});

describe("the table of a search", () => {
  test("looks as recorded, and stays within 80 columns", async () => {
    const text = formatClosing({ runs: searchRuns, search: searchReport }, { runs: 1 });
    await expect(`${text}\n`).toMatchFileSnapshot(golden("closing-tables.search"));
    const [, table = ""] = text.split("SEARCH\n");
    const lines = table.split("\n").filter((line) => !line.startsWith("  "));
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test.each<readonly [SearchOutcome, Partial<SearchReport>, string]>([
    ["found", {}, "Highest sustained load: 283 tx/s; 400 tx/s is not sustained."],
    [
      "generator-limit",
      {},
      "at least 283 tx/s. At 400 tx/s the limit is the load generator's, not the network's.",
    ],
    ["generator-limit", { sustainedTps: undefined }, "Highest sustained load: not known. At 400 tx/s"],
    ["upper-bound", {}, "at least 283 tx/s, the highest load to try. Use a higher --search-to."],
    ["none", {}, "below 100 tx/s, the lowest load to try. Use a lower --search-from."],
    [
      "stopped",
      {},
      "The search stopped: both runs of a load are invalid. Highest sustained load so far: 283",
    ],
    [
      "unfinished",
      { sustainedTps: undefined },
      "The search did not end. Highest sustained load so far: none.",
    ],
  ])("says how it ended: %s", (outcome, changes, expected) => {
    expect(formatSearch({ ...searchReport, ...changes, outcome }, searchRuns)).toContain(expected);
  });

  test("has its answer where no run finished", () => {
    const nothing = reportSearch([], searchSettings);
    expect(formatSearch(nothing, [])).toBe("The search did not end. Highest sustained load so far: none.");
  });
});

describe("the header", () => {
  test("says how often each load runs, and on which terms a load is looked for", () => {
    expect(formatHeader({ ...sweepParameters, runs: 5 }, facts)).toContain(
      "  Runs: 5 of each load, in rounds\n",
    );
    expect(formatHeader(sweepParameters, facts)).not.toContain("Runs:");
    expect(formatHeader({ ...sweepParameters, loadsTps: [], search: searchSettings }, facts)).toContain(
      "  Search: highest sustained load from 100 to 5000 tx/s, within 50%; sustained: efficiency ≥ 98%, p99 latency ≤ 500 ms, backlog growth ≤ 2% of the load\n",
    );
  });
});

test("the document of --json holds the loads and the search as summary.json does", () => {
  const summary = {
    run: "3f9a2c1e7b",
    networkType: "local",
    runtime: "process",
    startedAt: "2024-01-15T10:29:30.000Z",
    finishedAt: "2024-01-15T10:40:00.000Z",
    runs: searchRuns,
    search: searchReport,
  } as const;
  const { loads, search, planned_runs } = buildResultsDocument(summary, { parameters: sweepParameters });
  const saved = buildSummaryJson(summary);
  expect({ loads, search }).toEqual({ loads: saved.loads, search: saved.search });
  expect(search).toMatchObject({ outcome: "found", sustained_load: 283 });
  expect(planned_runs).toBeUndefined();
});
