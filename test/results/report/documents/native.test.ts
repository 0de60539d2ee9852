import { describe, expect, test } from "vitest";
import { parseAssertion } from "../../../../src/options/rules/assertion.ts";
import { evaluateAssertions } from "../../../../src/results/analysis/assertions/assertions.ts";
import { formatBriefRun } from "../../../../src/results/report/blocks/brief.ts";
import { formatBenchmarkData } from "../../../../src/results/report/documents/benchmark-data.ts";
import { formatJunit } from "../../../../src/results/report/documents/junit.ts";
import { formatMarkdown } from "../../../../src/results/report/documents/markdown.ts";
import {
  formatBounds,
  formatNativeBlock,
  formatNativeTable,
} from "../../../../src/results/report/documents/native.ts";
import { formatSummaryText } from "../../../../src/results/report/documents/summary-text.ts";
import { buildNativeSummaryJson } from "../../../../src/results/schema/summary.ts";
import { flowsRun } from "../../sample-flows.ts";
import { messagesRun } from "../../sample-messages.ts";
import { linkedNativeRun, nativeSummary } from "../../sample-native.ts";
import { sweepParameters } from "../../sample-results.ts";
import { figuresIn, routinesRun, routinesRunOf, routinesSummary } from "../../sample-routines.ts";
import { openValidator } from "../../schemas.ts";

test("a sweep over the nodes' own load looks as recorded", async () => {
  const parameters = { ...sweepParameters, loadsTps: [100, 200] };
  const text = formatSummaryText(nativeSummary, parameters, { runtime: "process" });
  await expect(text).toMatchFileSnapshot("native.golden.txt");
});

test("a sweep of routines in browsers looks as recorded", async () => {
  const protocol = { ...sweepParameters.protocol, name: "browsers", native: true, routines: true } as const;
  const parameters = { ...sweepParameters, protocol, loadsTps: [40.6] };
  const text = formatSummaryText(routinesSummary, parameters, { runtime: "process" });
  await expect(text).toMatchFileSnapshot("routines.golden.txt");
});

describe("a run of routines", () => {
  test("has no latency on several machines, of one peer, or where nothing arrived, and says why", () => {
    const onHosts = formatNativeBlock(routinesRunOf({}, "remote"));
    expect(onHosts).toContain(
      "LATENCY: none, because the peers ran on several machines, whose clocks differ",
    );
    expect(onHosts).not.toContain("Average Latency");
    const alone = formatNativeBlock(routinesRunOf({ peers: 1 }));
    expect(alone).toContain("LATENCY: none, because there is no other peer");
    expect(alone).toContain("Deliveries: 0 of 0 (-), 0 missing");
    const deaf = formatNativeBlock(routinesRunOf({ peers: 2, routines: ["listen"] }));
    expect(deaf).toContain("LATENCY: none, because no message arrived");
  });

  test("shows eight peers at most, those with the fewest ticks first, and routines where they differ", () => {
    const block = formatNativeBlock(routinesRunOf({ peers: 10, routines: ["comms", "listen"] }));
    const [, table = ""] = block.split("PEERS (8 of 10, those with the fewest ticks first):\n");
    const rows = table.split("\n").slice(3, 12);
    expect(rows.map((row) => row.split(" ")[0])).toEqual([..."98765432"].map((at) => `node${at}`).concat(""));
    expect(rows[0]).toMatch(/^node9 listen /);
  });

  test("names what the library refused, and shows what others wrote as text", () => {
    const routines = figuresIn(routinesRun);
    const peers = routines.peers.map((peer) => ({ ...peer, refused: 2, busyness: undefined }));
    const block = formatNativeBlock({
      ...routinesRun,
      parameters: { ...routinesRun.parameters, protocolOptions: { library: "a\u001b[31m\nb" } },
      figures: { ...routinesRun.figures, routines: { ...routines, peers } },
    });
    expect(block).toContain("  Refused by the library: 8\n");
    expect(block).toContain("Peer Library: a b\nDuration");
  });
});

test("the table below a sweep says what its figures are of", () => {
  expect(formatNativeTable([messagesRun])).toContain("The peers wrote and read messages.");
  expect(formatNativeTable([routinesRun])).toContain("Routines in browsers. Submitted: sent.");
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
    const ofRoutines = formatMarkdown([{ summary: routinesSummary, strict: false }]);
    expect(ofRoutines).toContain("| 40.6 | 1 | 40.6 | 5.00 | 4.00 | 8.00 | valid |");
    expect(ofRoutines).toContain("Throughput and latency: of messages, as the peers report them.");
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

test("a run of flows looks as recorded", async () => {
  await expect(`${formatNativeBlock(flowsRun)}\n`).toMatchFileSnapshot("flows.golden.txt");
  expect(formatNativeTable([flowsRun])).toMatch(/packets\/s.*Flows between hosts\./s);
  expect(formatBriefRun(flowsRun)).toMatch(/p50 round-trip latency: 20\.0 ms.*Failed: 10 of 200 packets/s);
  const summary = { ...nativeSummary, runs: [flowsRun] };
  const text = formatMarkdown([{ summary, strict: false }]);
  expect(text).toContain("of packets, as the hosts report them");
});
