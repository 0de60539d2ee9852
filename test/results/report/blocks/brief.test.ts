import { describe, expect, test } from "vitest";
import { formatBriefRun } from "../../../../src/results/report/blocks/brief.ts";
import { nativeRun } from "../../sample-native.ts";
import { censoredRun, invalidRun, validRun } from "../../sample-results.ts";
import { routinesRun, routinesRunOf } from "../../sample-routines.ts";

describe("the short form of a run", () => {
  test("is the verdict, throughput, two quantiles and what failed", () => {
    expect(formatBriefRun(validRun)).toBe(
      [
        "RUN 1, 100 tx/s: valid",
        "  Throughput: 95.2 tx/s",
        "  p50 commit latency: 44.1 ms",
        "  p99 commit latency: 80.2 ms",
        "  Failed: 0 of 18000",
      ].join("\n"),
    );
  });

  test("of messages among peers speaks of deliveries", () => {
    expect(formatBriefRun(routinesRun)).toBe(
      [
        "RUN 1, 40.6 messages/s: valid",
        "  Throughput: 40.6 messages/s",
        "  p50 delivery latency: 4.00 ms",
        "  p99 delivery latency: 8.00 ms",
        "  Failed: 0 of 1218 deliveries",
      ].join("\n"),
    );
    expect(formatBriefRun(routinesRunOf({}, "remote"))).toContain("p50 delivery latency: -\n");
  });

  test("has five lines whatever a run turned out to be, the first reason among them", () => {
    for (const run of [invalidRun, censoredRun, nativeRun, routinesRun]) {
      const lines = formatBriefRun(run).split("\n");
      expect(lines).toHaveLength(5);
      expect(lines[0]).toContain(run.verdict.reasons[0] ?? "valid");
    }
    expect(formatBriefRun(censoredRun)).toMatch(/p99 commit latency: ≥\d/);
  });

  test("shows what others wrote as text", () => {
    const reasons = ["\u001b[31mred\u001b[0m\nRUN 2: valid", "another"];
    const [first, second] = formatBriefRun({ ...validRun, verdict: { status: "invalid", reasons } }).split(
      "\n",
    );
    expect(first).toBe("RUN 1, 100 tx/s: INVALID: do not trust these numbers: red RUN 2: valid (and 1 more)");
    expect(second).toBe("  Throughput: 95.2 tx/s");
  });
});
