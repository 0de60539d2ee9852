import { describe, expect, test } from "vitest";
import { compareSweeps } from "../../../src/results/analysis/comparison/compare.ts";
import type { RunView } from "../../../src/results/charts/view.ts";
import { comparisonPage } from "../../../src/results/page/comparison-page.ts";
import { sweepPage } from "../../../src/results/page/sweep-page.ts";
import { variationPage } from "../../../src/results/page/variation-page.ts";
import { buildParametersJson } from "../../../src/results/schema/parameters.ts";
import type { MeasuredSummary } from "../../../src/results/schema/summary.ts";
import { hostileText, reportedSweeps } from "../report/reported-sweeps.ts";
import { nativeSummary } from "../sample-native.ts";
import { sampleRuns, sweepParameters, validRun } from "../sample-results.ts";
import { doubledRun, routinesRun, routinesRunOf, routinesSummary } from "../sample-routines.ts";

const pageOf = (summary: MeasuredSummary) =>
  sweepPage({
    name: hostileText,
    summary,
    parameters: { ...buildParametersJson(sweepParameters), [hostileText]: hostileText },
    environment: { host: hostileText },
    runs: summary.runs.map(
      (run): RunView => ({ run, isDetailed: true, seconds: [], hosts: [], curve: [], nodes: [] }),
    ),
    notes: [hostileText],
  });

/** That nothing in it is anybody else's tag, and nothing that was not seen is printed. */
function expectSound(page: string): void {
  const tags = new Set([...page.matchAll(/<([a-z]+\d?)/gi)].map(([, tag]) => tag));
  for (const bad of ["script", "img", "iframe", "a", "failure", "code"]) expect(tags).not.toContain(bad);
  expect(page).not.toMatch(/undefined|NaN|\[object/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
}

describe("the page of a sweep", () => {
  test.each(Object.entries(reportedSweeps))("is made of whatever became of it: %s", async (_, sweeps) => {
    for (const { summary } of sweeps) expectSound(await pageOf(summary));
  });

  test.each(Object.entries(sampleRuns))("is made of every kind of run: %s", async (_, run) => {
    const [first] = reportedSweeps.passed ?? [];
    if (first === undefined) throw new Error("there is no sample");
    const page = await pageOf({ ...first.summary, runs: [run] } as MeasuredSummary);
    expectSound(page);
    for (const reason of run.verdict.reasons) expect(page).toContain(reason.slice(0, 20).split(/[<>&"']/)[0]);
  });

  test("is made of loads that nodes make", async () => {
    const page = await pageOf(nativeSummary);
    expectSound(page);
    expect(page).toContain("As the nodes counted");
  });
});

describe("the page of routines in browsers", () => {
  test("has their tables and charts", async () => {
    const page = await pageOf(routinesSummary);
    expectSound(page);
    for (const title of ["Packets, by the library’s counters", "Messages by kind", "Peers", "Latencies"]) {
      expect(page).toContain(`<h4>${title}</h4>`);
    }
    for (const title of ["Packets over time", "Packets of a peer by kind", "Calls of each peer’s routine"]) {
      expect(page).toContain(`<h3>${title}</h3>`);
    }
  });

  test("says why there is no latency", async () => {
    const page = await pageOf({ ...routinesSummary, runs: [routinesRunOf({}, "remote")] });
    expectSound(page);
    expect(page).toContain("No latency, because the peers ran on several machines, whose clocks differ.");
  });

  test("says what differs between two sweeps, above all else", async () => {
    const side = (path: string, run: typeof routinesRun) => ({
      path,
      networkType: "local" as const,
      runs: [run],
    });
    const sides = { a: side("a", routinesRun), b: side(hostileText, doubledRun) };
    const page = await comparisonPage(compareSweeps(sides.a, sides.b), sides);
    expectSound(page);
    const [first] = page.match(/sent: 2\.00 times as many packets per second/) ?? [];
    expect(first).toBeDefined();
    expect(page.indexOf(first ?? "")).toBeLessThan(page.indexOf("Sides"));
    expect(page).toContain("What differs from run to run is not in them");
  });
});

test("the page of a variation has its verdict, a row for each point, and says what was not measured", async () => {
  const points = [4, 7].map((nodes) => ({
    values: [nodes],
    bundle: `committee=${nodes}`,
    status: "finished" as const,
  }));
  const [first] = reportedSweeps.passed ?? [];
  if (first === undefined) throw new Error("there is no sample");
  const view = {
    variation: {
      name: hostileText,
      tags: { [hostileText.slice(0, 10)]: hostileText },
      options: [{ name: hostileText, values: [4, 7] }],
      points,
      baseline: hostileText,
      assertions: [
        {
          ...{ bundle: "committee=4", loadTps: 100, assertion: "throughput>-10%" },
          ...{ passed: false, reason: hostileText },
        },
      ],
    },
    name: hostileText,
    summaries: new Map([["committee=4", first.summary]]),
    isBesidePoints: false,
  };
  const page = await variationPage(view);
  expectSound(page);
  expect(page).toContain("1 of 2 points were not measured to their end: committee=7");
  expect(page).toContain('<section class="verdict bad">');
  const beside = await variationPage({ ...view, isBesidePoints: true });
  for (const bad of ["script", "img", "iframe"]) expect(beside).not.toContain(`<${bad}`);
  expect(beside.match(/<a href="[^"]*"/g)).toEqual(['<a href="./committee%3D4/report.html"']);
});

test("the page of a comparison has its sentences first, then both sides", async () => {
  const side = (path: string, throughputTps: number) => ({
    path,
    networkType: "local" as const,
    runs: [
      validRun,
      { ...validRun, benchmarkNumber: 2, parameters: { ...validRun.parameters, loadTps: 200 } },
    ].map((run) => ({ ...run, throughputTps })),
  });
  const sides = { a: side(hostileText, 95), b: side("b", 90) };
  const comparison = compareSweeps(sides.a, sides.b);
  const page = await comparisonPage(comparison, sides);
  expectSound(page);
  const sentence = comparison.loads[0]?.verdict ?? "none";
  expect(page).toContain(sentence);
  expect(page.indexOf(sentence)).toBeLessThan(page.indexOf("Median latency against load"));
});
