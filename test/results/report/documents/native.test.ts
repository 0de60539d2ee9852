import { describe, expect, test } from "vitest";
import { parseAssertion } from "../../../../src/options/rules/assertion.ts";
import { evaluateAssertions } from "../../../../src/results/analysis/assertions/assertions.ts";
import { formatBenchmarkData } from "../../../../src/results/report/documents/benchmark-data.ts";
import { formatJunit } from "../../../../src/results/report/documents/junit.ts";
import { formatMarkdown } from "../../../../src/results/report/documents/markdown.ts";
import { formatBounds, formatNativeBlock } from "../../../../src/results/report/documents/native.ts";
import { formatSummaryText } from "../../../../src/results/report/documents/summary-text.ts";
import { buildNativeSummaryJson } from "../../../../src/results/schema/summary.ts";
import { linkedNativeRun, nativeSummary } from "../../sample-native.ts";
import { sweepParameters } from "../../sample-results.ts";
import { openValidator } from "../../schemas.ts";

test("a sweep over the nodes' own load looks as recorded", async () => {
  const parameters = { ...sweepParameters, loadsTps: [100, 200] };
  const text = formatSummaryText(nativeSummary, parameters, { runtime: "process" });
  await expect(text).toMatchFileSnapshot("native.golden.txt");
});

test("emulated links, their changes and pauses are shown with the run", async () => {
  await expect(formatNativeBlock(linkedNativeRun)).toMatchFileSnapshot("native-links.golden.txt");
});

test("quantiles are shown as the edges of their bucket", () => {
  expect(formatBounds({ aboveMs: 250, upToMs: 500 })).toBe("≤ 500 ms (bucket 250–500)");
  expect(formatBounds({ aboveMs: 2500 })).toBe("> 2500 ms (beyond the last bucket)");
  expect(formatBounds(undefined)).toBe("none seen");
});

describe("files for pipelines", () => {
  const assertions = ["throughput>=90", "latency.p99@100<200ms"].map((text) => {
    const found = parseAssertion(text);
    if ("problem" in found) throw new Error(found.problem);
    return found.assertion;
  });
  const { runs } = nativeSummary;
  const held = evaluateAssertions({ assertions, runs, loadsTps: [100, 200] });
  const sweeps = [{ summary: { ...nativeSummary, assertions: held }, strict: false }];

  test("JUnit XML has a case for each verdict and each assertion, with the edges of buckets", () => {
    const xml = formatJunit(sweeps);
    expect(xml).toContain('name="run 1: verdict"');
    expect(xml).toContain("value ≥100 ms, limit 200 ms");
    expect(xml.split("<failure ").length - 1).toBe(3);
  });

  test("Markdown leaves out what nobody counted, and says whose numbers these are", () => {
    const text = formatMarkdown(sweeps);
    expect(text).toContain("| 100 | 1 | 99.8 | 43.3 | 25.0–50.0 | ≥100.0 | valid |");
    expect(text).not.toContain("Efficiency");
    expect(text).toContain("as the nodes counted them (native)");
  });

  test("github-action-benchmark gets no bound as if it were measured", () => {
    const named = (which: "throughput" | "latency") =>
      (JSON.parse(formatBenchmarkData(sweeps, which)) as { name: string }[]).map(({ name }) => name);
    expect(named("throughput")).toEqual(["local 100 tx/s: throughput"]);
    expect(named("latency")).toEqual(["local 100 tx/s: latency mean"]);
  });

  test("summary.json with assertions fits its schema", async () => {
    const document = buildNativeSummaryJson({ ...nativeSummary, assertions: held });
    expect((await openValidator("native-summary"))(document)).toEqual([]);
    expect(document.assertions).toHaveLength(3);
  });
});
