/** What was replied is what was accepted and what was refused, and a run of an earlier version, which had neither, agrees. */
import { expect, test } from "vitest";
import type { LatencyKind, LatencySummary } from "../../../../src/contracts/results/latency.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { formatHistogramLog } from "../../../../src/metrics/stats/hlog.ts";
import { LatencyRecord, summarizeLatency } from "../../../../src/metrics/stats/latency-record.ts";
import { histogramNames } from "../../../../src/results/schema/histogram-names.ts";
import { publishedRun } from "../../../../src/results/schema/published-run.ts";
import { checkLatencies } from "../../../../src/results/verify/checks/latencies.ts";
import { checkLedgers } from "../../../../src/results/verify/checks/ledger.ts";
import { Findings } from "../../../../src/results/verify/contents/findings.ts";
import { noCommitRun } from "../../sample-results.ts";
import { contentsOf } from "../contents.ts";

const recordOf = (measuredUs: readonly number[], censoredUs: readonly number[] = []) => {
  const record = new LatencyRecord();
  for (const us of measuredUs) record.record(us);
  for (const us of censoredUs) record.censor(us);
  return record;
};

/** A run of six: three accepted, two refused, one never answered. */
function found(changes: Readonly<Partial<Record<LatencyKind, LatencyRecord | undefined>>> = {}): string[] {
  const [accepted, refused] = [recordOf([5_000, 6_000, 7_000]), recordOf([900, 1_100])];
  const all = recordOf([5_000, 6_000, 7_000, 900, 1_100], [500_000]);
  const records: Readonly<Partial<Record<LatencyKind, LatencyRecord | undefined>>> = {
    ...{ response: all, responseAccepted: accepted, responseRefused: refused },
    ...{ submit: all, submitAccepted: accepted, submitRefused: refused },
    ...changes,
  };
  const lateness = recordOf([10, 20, 30, 40, 50, 60]);
  const { sent } = noCommitRun.ledger;
  const kinds = Object.keys(records) as LatencyKind[];
  const latency: Partial<Record<LatencyKind, LatencySummary>> = {};
  for (const kind of kinds) if (records[kind] !== undefined) latency[kind] = summarizeLatency(records[kind]);
  const run: RunResult = publishedRun({
    ...noCommitRun,
    ...{ latency, lateness: summarizeLatency(lateness), successful: 3, failed: 3, successRatio: 0.5 },
    rejections: [
      { reason: "full", count: 2 },
      { reason: "connection failed: CLOSED", count: 1 },
    ],
    ledger: {
      ...noCommitRun.ledger,
      ...{ scheduled: 6, lateSends: 0 },
      sent: {
        ...sent,
        acknowledged: { committed: 0, notSeen: 3 },
        rejected: { committed: 0, notSeen: 2 },
        connectionFailed: { committed: 0, notSeen: 1 },
      },
    },
    clients: [],
  });
  const interval = { startedAtMs: Date.parse(run.timestamp), lengthSecs: run.parameters.durationSecs };
  const files = new Map<string, string>();
  for (const [kind, record] of Object.entries({ ...records, lateness })) {
    const path = `histograms/${run.benchmarkNumber}-${histogramNames[kind as LatencyKind]}.hlog`;
    if (record !== undefined) files.set(path, formatHistogramLog(record, interval));
  }
  const contents = contentsOf({ files, runs: [run] });
  const findings = new Findings();
  checkLatencies(contents, findings);
  checkLedgers(contents, findings);
  const ofOther = new Set(["results.throughput", "results.efficiency_percent", "results.offered_load"]);
  return findings.differences.map(({ key }) => key).filter((key) => !ofOther.has(key));
}

test("a run that agrees", () => {
  expect(found()).toEqual([]);
});

test("an acceptance and a refusal that were swapped: the counts stay, the sums do not", () => {
  const changes = { responseAccepted: recordOf([5_000, 6_000, 900]) };
  const keys = found(changes);
  expect(keys).toContain("results.latency.response.sum_us");
  expect(keys.filter((key) => !key.startsWith("results.latency.response."))).toEqual([]);
});

test("a kind of reply that is missing", () => {
  expect(found({ submitAccepted: undefined })).toEqual(["results.latency.submit_accepted"]);
});

test("a refusal that was counted as no reply", () => {
  const submit = recordOf([5_000, 6_000, 7_000], [900, 1_100, 500_000]);
  expect(found({ submit })).toEqual(
    expect.arrayContaining(["results.latency.submit.count", "results.latency.submit.censored"]),
  );
});

test("a run of an earlier version counted every refusal so, and had no latencies of them", () => {
  const earlier = recordOf([5_000, 6_000, 7_000], [900, 1_100, 500_000]);
  const none = {
    ...{ responseAccepted: undefined, responseRefused: undefined },
    ...{ submitAccepted: undefined, submitRefused: undefined },
  };
  expect(found({ ...none, response: earlier, submit: earlier })).toEqual([]);
  expect(found(none)).toEqual(expect.arrayContaining(["results.latency.response.count"]));
});
