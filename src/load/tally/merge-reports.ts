import { type LatencyKind, latencyKinds } from "../../contracts/results/latency.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { recordOf } from "../../core/keys.ts";
import { LatencyRecord } from "../../metrics/stats/latency-record.ts";
import { mergeLedgers } from "../../metrics/stats/ledger.ts";
import { mergeObserverReports } from "../observe/merge-observer-reports.ts";
import type { ClientReport, ObserverReport, SegmentTally, SenderReport } from "../plan/client-plan.ts";
import { worstOf } from "./merge-seconds.ts";
import { mergeReasons } from "./reasons.ts";

/**
 * What the clients and the observers of one run found, as if one had seen it all: counts are added up, histograms and
 * sums merged, and what observers saw of the nodes is put together. Windows begin at the same moment.
 *
 * @throws InvalidArgumentError where there is no client, or they did not observe the same things
 */
export function mergeReports(
  senders: readonly SenderReport[],
  observers: readonly ObserverReport[],
): ClientReport {
  return { ...mergeSenderReports(senders), ...mergeObserverReports(observers) };
}

function mergeSenderReports(reports: readonly SenderReport[]): SenderReport {
  const [first] = reports;
  if (first === undefined) throw new InvalidArgumentError("A run needs the reports of at least one client.");
  if (reports.some((report) => !isAlike(report, first))) {
    throw new InvalidArgumentError(
      "Reports can be merged only if their clients observed the same: commits or not, and the same segments.",
    );
  }
  const sum = (count: (report: SenderReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  const latencyOf = (kind: LatencyKind) =>
    first.latency[kind] && mergeLatencies(reports.map((report) => report.latency[kind]));
  return {
    ledger: mergeLedgers(reports.map(({ ledger }) => ledger)),
    windowStartedAtMs: Math.min(...reports.map(({ windowStartedAtMs }) => windowStartedAtMs)),
    committedInWindow:
      first.committedInWindow === undefined
        ? undefined
        : sum(({ committedInWindow = 0 }) => committedInWindow),
    acknowledgedInWindow: sum(({ acknowledgedInWindow }) => acknowledgedInWindow),
    latency: recordOf(latencyKinds, latencyOf),
    lateness: mergeLatencies(reports.map(({ lateness }) => lateness)),
    rejections: mergeReasons(reports.map(({ rejections }) => rejections)),
    stalls: reports.flatMap(({ stalls }) => stalls).sort((a, b) => a.atSecs - b.atSecs),
    inFlightCapReached: reports.some(({ inFlightCapReached }) => inFlightCapReached),
    redirected: sum(({ redirected }) => redirected),
    segments: first.segments.map((_, index) => mergeSegment(reports, index)),
    generator: worstOf(reports.map(({ generator }) => generator)),
  };
}

function isAlike(one: SenderReport, other: SenderReport): boolean {
  return (
    one.segments.length === other.segments.length &&
    (one.committedInWindow === undefined) === (other.committedInWindow === undefined) &&
    latencyKinds.every((kind) => (one.latency[kind] === undefined) === (other.latency[kind] === undefined))
  );
}

const mergeLatencies = (records: readonly (LatencyRecord | undefined)[]) =>
  LatencyRecord.merged(records.filter((record) => record !== undefined));

function mergeSegment(reports: readonly SenderReport[], index: number): SenderReport["segments"][number] {
  const merge = (which: "up" | "down"): SegmentTally => {
    const tallies = reports.flatMap(({ segments }) => segments[index]?.[which] ?? []);
    return {
      scheduled: tallies.reduce((sum, { scheduled }) => sum + scheduled, 0),
      committed: tallies.reduce((sum, { committed }) => sum + committed, 0),
      latency: mergeLatencies(tallies.map(({ latency }) => latency)),
    };
  };
  const observed = reports.reduce((sum, { segments }) => sum + (segments[index]?.observed ?? 0), 0);
  return { up: merge("up"), down: merge("down"), observed };
}
