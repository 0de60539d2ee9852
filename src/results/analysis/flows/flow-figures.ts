/** What became of one flow. Pure. */
import type { FlowPackets, FlowResult, FlowSecond } from "../../../contracts/results/native/flows.ts";
import { quantileOfSorted } from "../../../core/numbers/quantile.ts";
import { LatencyRecord, summarizeLatency } from "../../../metrics/stats/latency-record.ts";
import type { EmulatedLinks } from "./emulated.ts";
import { type Gaps, gapsOf } from "./interruptions.ts";
import { type TimedFlow, timeOf } from "./timed-flow.ts";

/** Packets later than this after their schedule are late, milliseconds. */
export const lateMs = 10;

export type LatencyWay = "round-trip" | "one-way";

export interface FoundFlow {
  readonly timed: TimedFlow;
  readonly gaps: Gaps;
  readonly result: Omit<FlowResult, "paths">;
  readonly latencies: Readonly<Record<LatencyWay, LatencyRecord>>;
}

export function flowFigures(timed: TimedFlow, emulated: EmulatedLinks): FoundFlow {
  const { plan } = timed.told;
  const { sentMs, intervals: measured } = timed.told;
  const isSilent = plan.kind === "program" && sentMs.length === 0 && measured.length === 0;
  const isOfOurs = sentMs.length > 0 || (measured.length === 0 && !isSilent);
  const gaps = gapsOf(timed);
  const { all: _, ...shownGaps } = gaps;
  const latencies = {
    "one-way": latencyOf(timed, "one-way"),
    "round-trip": latencyOf(timed, "round-trip"),
  };
  const intervals = intervalsOf(timed);
  const lateness = timed.lateMs.filter((ms) => !Number.isNaN(ms)).sort((a, b) => a - b);
  const bytes = isOfOurs
    ? timed.arrivals.reduce((sum, index) => sum + (timed.sizes[index] as number), 0)
    : intervals.reduce((sum, one) => sum + bytesIn(one, 0, timed.window.lengthSecs), 0);
  const result = {
    ...plan,
    packets: isOfOurs ? packetsOf(timed) : programPackets(intervals),
    lateSends: lateness.filter((ms) => ms > lateMs).length,
    lateP99Ms: lateness.length === 0 ? undefined : quantileOfSorted(lateness, 0.99),
    roundTrip: isOfOurs && plan.reflects ? summarizeLatency(latencies["round-trip"]) : undefined,
    roundTripArrived: plan.reflects ? arrivedOf(timed, "round-trip") : undefined,
    oneWay: isOfOurs ? summarizeLatency(latencies["one-way"]) : undefined,
    oneWayArrived: arrivedOf(timed, "one-way"),
    goodputMbps: isSilent ? undefined : megabits(bytes, timed.window.lengthSecs),
    ...shownGaps,
    frames: framesOf(timed),
    intervals,
    seconds: isSilent ? [] : secondsOf(timed, intervals, emulated),
  };
  return { timed, gaps, result, latencies };
}

const megabits = (bytes: number, secs: number) => (bytes * 8) / 1e6 / secs;

function packetsOf(timed: TimedFlow): FlowPackets {
  const { sentMs, arrivals, isRefused, returnedMs, told } = timed;
  const [sent, received] = [sentMs.length, arrivals.length];
  return {
    sent,
    refused: isRefused.filter((refused) => refused).length,
    received,
    lost: sent - received,
    lossRatio: sent === 0 ? undefined : 1 - received / sent,
    duplicated: timed.duplicated,
    reordered: timed.reordered,
    unknown: timed.unknown,
    beforeSent: timed.beforeSent,
    returned: told.plan.reflects ? returnedMs.filter((ms) => !Number.isNaN(ms)).length : undefined,
  };
}

/** Of lost packets their age at the end of the observation. */
function latencyOf(timed: TimedFlow, way: LatencyWay): LatencyRecord {
  const record = new LatencyRecord();
  const endMs = timed.window.observedSecs * 1000;
  for (const [index, sent] of timed.sentMs.entries()) {
    const ms = timed.latency(index, way);
    if (Number.isNaN(ms)) record.censor(Math.round(Math.max(0, endMs - sent) * 1000));
    else record.record(Math.round(ms * 1000));
  }
  return record;
}

function sortedLatencies(timed: TimedFlow, way: LatencyWay, indices: Iterable<number>): number[] {
  return [...indices]
    .map((index) => timed.latency(index, way))
    .filter((ms) => !Number.isNaN(ms))
    .sort((a, b) => a - b);
}

function arrivedOf(timed: TimedFlow, way: LatencyWay): FlowResult["oneWayArrived"] {
  const sorted = sortedLatencies(timed, way, timed.sentMs.keys());
  if (sorted.length === 0) return undefined;
  const [p50Ms, p90Ms, p99Ms] = [0.5, 0.9, 0.99].map((q) => quantileOfSorted(sorted, q)) as [
    number,
    number,
    number,
  ];
  return { p50Ms, p90Ms, p99Ms };
}

function framesOf({ told, window, lengthMs }: TimedFlow): FlowResult["frames"] {
  const inWindow = told.frames.filter(({ at }) => {
    const ms = timeOf(window, told.plan.to, at);
    return ms >= 0 && ms < lengthMs;
  });
  if (told.frames.length === 0) return undefined;
  const count = (which: (typeof inWindow)[number]["outcome"]) =>
    inWindow.filter(({ outcome }) => outcome === which).length;
  return { shown: count("shown"), late: count("late"), incomplete: count("incomplete") };
}

type Intervals = FlowResult["intervals"];

/** Those that overlap the window, as far as they do. */
function intervalsOf({ told, window }: TimedFlow): Intervals {
  return told.intervals.flatMap(({ type: _, flow: __, at, secs, ...counted }) => {
    const toSecs = timeOf(window, told.plan.to, at) / 1000;
    const fromSecs = toSecs - secs;
    return toSecs > 0 && fromSecs < window.lengthSecs ? [{ fromSecs, toSecs, ...counted }] : [];
  });
}

/** As if they had come evenly. */
function bytesIn({ fromSecs, toSecs, bytes }: Intervals[number], from: number, to: number): number {
  const overlap = Math.min(to, toSecs) - Math.max(from, fromSecs);
  return overlap > 0 ? (bytes * overlap) / (toSecs - fromSecs) : 0;
}

function programPackets(intervals: Intervals): FlowPackets | undefined {
  const known = intervals.filter(({ packets }) => packets !== undefined);
  if (known.length === 0) return undefined;
  const sent = known.reduce((sum, { packets = 0 }) => sum + packets, 0);
  const lost = known.reduce((sum, one) => sum + Math.min(one.lost ?? 0, one.packets ?? 0), 0);
  const beside = { refused: 0, duplicated: 0, reordered: 0, unknown: 0, beforeSent: 0 };
  return { sent, received: sent - lost, lost, lossRatio: sent === 0 ? undefined : lost / sent, ...beside };
}

function secondsOf(timed: TimedFlow, intervals: Intervals, emulated: EmulatedLinks): FlowSecond[] {
  const { plan } = timed.told;
  const way = plan.reflects ? "round-trip" : "one-way";
  const count = Math.ceil(timed.window.lengthSecs);
  const sent = Array.from({ length: count }, (): number[] => []);
  for (const [index, ms] of timed.sentMs.entries()) sent[Math.floor(ms / 1000)]?.push(index);
  const bytes = new Float64Array(count);
  for (const index of timed.arrivals) {
    const second = Math.floor((timed.arrivedMs[index] as number) / 1000);
    if (second < count) bytes[second] = (bytes[second] as number) + (timed.sizes[index] as number);
  }
  return sent.map((indices, second) => {
    const received = indices.filter((index) => timed.hasArrived(index)).length;
    const sorted = sortedLatencies(timed, way, indices);
    const ofProgram = intervals.reduce((sum, one) => sum + bytesIn(one, second, second + 1), 0);
    const span = [second * 1000, Math.min(second * 1000 + 1000, timed.lengthMs)] as const;
    return {
      second,
      sent: indices.length,
      received,
      lost: indices.length - received,
      p50Ms: sorted.length === 0 ? undefined : quantileOfSorted(sorted, 0.5),
      p99Ms: sorted.length === 0 ? undefined : quantileOfSorted(sorted, 0.99),
      goodputMbps: megabits((bytes[second] as number) + ofProgram, (span[1] - span[0]) / 1000),
      directLossRatio: emulated.meanLoss(plan.from, plan.to, span),
    };
  });
}
