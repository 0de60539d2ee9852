import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReplyFate } from "../../../src/contracts/results/latency.ts";
import type { Fork } from "../../../src/contracts/results/safety.ts";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import type { AgreementFindings } from "../../../src/load/plan/agreement.ts";
import type { ClientReport, SegmentTally } from "../../../src/load/plan/client-plan.ts";
import { mergeReports } from "../../../src/load/tally/merge-reports.ts";
import { ReasonCounts } from "../../../src/load/tally/reasons.ts";
import type { Histogram } from "../../../src/metrics/stats/histogram.ts";
import { LatencyRecord, summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { mergeLedgers } from "../../../src/metrics/stats/ledger.ts";
import { SignedRecord } from "../../../src/metrics/stats/signed-record.ts";

const mergeAll = (reports: readonly ClientReport[]) => mergeReports(reports, reports);

/** One transaction, as it ended. */
interface Ended {
  readonly fate: ReplyFate;
  readonly committed: boolean;
  /** Of every kind, and its lateness: enough to tell them apart by the pooled values. */
  readonly latencyUs: number;
  readonly reason: string;
  readonly inWindow: boolean;
  readonly segment: number;
  readonly isDown: boolean;
  readonly redirected: boolean;
}

const ended: fc.Arbitrary<Ended> = fc.record({
  fate: fc.constantFrom("acknowledged", "rejected", "timedOut", "connectionFailed"),
  committed: fc.boolean(),
  latencyUs: fc.oneof(fc.nat(5_000), fc.nat(4_000_000_000)),
  reason: fc.constantFrom("full", "gone", "x".repeat(300)),
  inWindow: fc.boolean(),
  segment: fc.nat(1),
  isDown: fc.boolean(),
  redirected: fc.boolean(),
});

const fork = (height: number, blocks: Readonly<Record<string, string>>): Fork => ({
  height,
  seen: "during",
  shown: Object.entries(blocks).map(([node, fingerprint]) => ({ node, fingerprint })),
});
const agreed = (comparedHeights: number, ...forks: Fork[]): AgreementFindings => ({
  comparedHeights,
  uncomparedHeights: 0,
  uncompared: [],
  forks,
});

/** What one client that had exactly these would report. */
function reportOf(all: readonly Ended[]): ClientReport {
  const record = (fits: (one: Ended) => boolean, of = all) => {
    const latency = new LatencyRecord();
    for (const one of of) {
      if (fits(one)) latency.record(one.latencyUs);
      else latency.censor(one.latencyUs);
    }
    return latency;
  };
  const committed = (one: Ended) => one.committed;
  const acknowledged = (one: Ended) => one.fate === "acknowledged";
  const refused = (one: Ended) => one.fate === "rejected";
  const only = (fits: (one: Ended) => boolean) => record(fits, all.filter(fits));
  const replyLatencies = <Kind extends "response" | "submit">(kind: Kind) =>
    ({
      [kind]: record((one) => acknowledged(one) || refused(one)),
      [`${kind}Accepted`]: only(acknowledged),
      [`${kind}Refused`]: only(refused),
    }) as Record<Kind | `${Kind}Accepted` | `${Kind}Refused`, LatencyRecord>;
  const number = (fits: (one: Ended) => boolean) => all.filter(fits).length;
  const cell = (fate: ReplyFate) => ({
    committed: number((one) => one.fate === fate && one.committed),
    notSeen: number((one) => one.fate === fate && !one.committed),
  });
  const rejections = new ReasonCounts();
  for (const one of all) if (one.fate === "rejected") rejections.add(one.reason);
  const part = (segment: number, isDown: boolean): SegmentTally => {
    const of = all.filter((one) => one.segment === segment && one.isDown === isDown);
    return {
      scheduled: of.length,
      committed: of.filter(committed).length,
      latency: record(committed, of),
    };
  };
  return {
    ledger: {
      ...mergeLedgers([]),
      scheduled: all.length,
      sent: {
        acknowledged: cell("acknowledged"),
        rejected: cell("rejected"),
        timedOut: cell("timedOut"),
        connectionFailed: cell("connectionFailed"),
      },
      forgottenCommits: number(({ redirected }) => redirected),
    },
    windowStartedAtMs: 1_700_000_000_000,
    committedInWindow: number((one) => one.inWindow && one.committed),
    acknowledgedInWindow: number((one) => one.inWindow && acknowledged(one)),
    latency: {
      commit: record(committed),
      commitService: record(committed),
      ...replyLatencies("response"),
      ...replyLatencies("submit"),
    },
    lateness: record(() => true),
    rejections: rejections.counts,
    watched: { nodes: [] },
    observer: undefined,
    agreement: undefined,
    blockAges: new SignedRecord(),
    observerFailures: [],
    stalls: [],
    inFlightCapReached: all.some(({ redirected }) => redirected),
    redirected: number(({ redirected }) => redirected),
    segments: [0, 1].map((segment) => ({
      up: part(segment, false),
      down: part(segment, true),
      observed: number((one) => one.segment === segment && one.committed),
    })),
    heightsSeenMs: [],
    heightsSeen: [],
    generator: {},
  };
}

const histogramFacts = (histogram: Histogram) => ({
  counts: histogram.counts(),
  facts: [histogram.count, histogram.overflowed, histogram.minUs, histogram.maxUs],
});
const recordFacts = (record: LatencyRecord) => ({
  measured: histogramFacts(record.measured),
  censored: histogramFacts(record.censored),
  summary: summarizeLatency(record),
});

/** A report in values that can be compared. */
function factsOf({ latency, lateness, segments, rejections, ...rest }: ClientReport) {
  return {
    ...rest,
    latency: Object.values(latency).map((record) => record && recordFacts(record)),
    lateness: recordFacts(lateness),
    segments: segments.flatMap(({ up, down, observed }) =>
      [up, down].map((tally) => ({ ...tally, latency: recordFacts(tally.latency), observed })),
    ),
    rejections: Object.fromEntries(rejections),
  };
}

describe("reports of several clients", () => {
  test("say together what one client would that had seen it all", () => {
    fc.assert(
      fc.property(fc.array(fc.array(ended, { maxLength: 40 }), { minLength: 1, maxLength: 4 }), (parts) => {
        const merged = mergeAll(parts.map(reportOf));
        expect(factsOf(merged)).toEqual(factsOf(reportOf(parts.flat())));
      }),
      { numRuns: 60 },
    );
  });

  const empty = reportOf([]);

  test("put together what was seen of the nodes", () => {
    const merged = mergeAll([
      {
        ...empty,
        agreement: agreed(90, fork(9, { node0: "A", node1: "B" })),
        observerFailures: [{ node: "node0", reason: "pruned" }],
        stalls: [{ atSecs: 3, lengthMs: 600, cause: "stopped" }],
        generator: { cpuMaxRatio: 0.5, gcPauseTotalMs: 3 },
      },
      {
        ...empty,
        windowStartedAtMs: empty.windowStartedAtMs - 1,
        agreement: agreed(95, fork(7, { node0: "A", node2: "C" }), fork(9, { node0: "A", node2: "C" })),
        observerFailures: [
          { node: "node0", reason: "pruned" },
          { node: "node1", reason: "pruned" },
        ],
        stalls: [{ atSecs: 1, lengthMs: 700, cause: "stopped" }],
        inFlightCapReached: true,
        generator: { cpuMaxRatio: 0.25, loopDelayMaxMs: 8 },
      },
    ]);
    expect(merged).toMatchObject({
      windowStartedAtMs: empty.windowStartedAtMs - 1,
      agreement: agreed(
        95,
        fork(7, { node0: "A", node2: "C" }),
        fork(9, { node0: "A", node1: "B", node2: "C" }),
      ),
      observerFailures: [
        { node: "node0", reason: "pruned" },
        { node: "node1", reason: "pruned" },
      ],
      stalls: [{ atSecs: 1 }, { atSecs: 3 }],
      inFlightCapReached: true,
      generator: { cpuMaxRatio: 0.5, loopDelayMaxMs: 8, gcPauseTotalMs: 3 },
    });
  });

  test("count a height when the first of them saw it, and none below one that was seen", () => {
    const merged = mergeAll([
      { ...empty, heightsSeen: [1, 2, 5], heightsSeenMs: [-10, 20, 50] },
      { ...empty, heightsSeen: [1, 3, 4, 5], heightsSeenMs: [-12, 15, 55, 60] },
    ]);
    expect([merged.heightsSeen, merged.heightsSeenMs]).toEqual([
      [1, 3, 5],
      [-12, 15, 50],
    ]);
  });

  test("are refused where they are of different runs, or there is none", () => {
    const unobserved = { ...empty, committedInWindow: undefined };
    expect(() => mergeAll([empty, unobserved])).toThrow(InvalidArgumentError);
    expect(() => mergeAll([empty, { ...empty, segments: [] }])).toThrow(InvalidArgumentError);
    expect(() => mergeAll([])).toThrow(InvalidArgumentError);
  });
});
