/** What became of every message at every other peer. Pure. */
import { freshMs } from "../../../contracts/load/peer-events.ts";
import type { LatencySummary, Quantile } from "../../../contracts/results/latency.ts";
import type { Deliveries, MessagePair } from "../../../contracts/results/native/messages.ts";
import { LatencyRecord, summarizeLatency } from "../../../metrics/stats/latency-record.ts";
import type { PeerRecord } from "./record.ts";
import type { TimedRecord } from "./timed-record.ts";

/** Latencies of one pair, or of one second: few enough to be sorted, so that quantiles are exact. */
export class ExactLatencies {
  readonly measured: number[] = [];
  /** Ages of what was not delivered. */
  readonly censored: number[] = [];

  /** Nearest-rank over both, milliseconds. @param ratio above 0, at most 1; undefined where there is none */
  quantiles(...ratios: readonly number[]): (Quantile | undefined)[] {
    const all = Float64Array.from([...this.measured, ...this.censored]).sort();
    const youngest = this.censored.reduce((least, age) => Math.min(least, age), Number.POSITIVE_INFINITY);
    return ratios.map((ratio) => {
      const ms = all[Math.ceil(ratio * all.length) - 1];
      return ms === undefined ? undefined : { ms, atLeast: youngest <= ms };
    });
  }
}

type PairCounts = Omit<MessagePair, "sentBytes" | "peakMbps" | "utilizationRatio" | "uses" | "capacities">;

/** Of messages due in the window, whatever second of the window they were due in. */
export interface DeliveryFigures {
  readonly written: number;
  /** Messages that every other peer could read, of those that were up at the end. */
  readonly everywhere: number;
  readonly deliveries: Deliveries;
  readonly doubled: number;
  readonly unknown: number;
  readonly stale: number;
  readonly outOfOrder: number;
  readonly beforeWritten: number;
  readonly latency: LatencySummary;
  readonly pairs: readonly PairCounts[];
  readonly writers: readonly WriterFigures[];
  readonly seconds: readonly SecondOfDeliveries[];
  readonly deliveredBytes: number;
}

interface WriterFigures {
  readonly written: number;
  readonly lateP99Ms: number | undefined;
}

export interface SecondOfDeliveries {
  written: number;
  delivered: number;
  everywhere: number;
  readonly latencies: ExactLatencies;
}

interface Pair extends ExactLatencies {
  peerDown: number;
  outOfOrder: number;
  /** Its latest message that could be read, in the order of writing. */
  lastReadMs: number;
}

const newPair = (): Pair =>
  Object.assign(new ExactLatencies(), { peerDown: 0, outOfOrder: 0, lastReadMs: Number.NEGATIVE_INFINITY });

/** @param down peers that were down at the end of the observation */
export function deliveryFigures(timed: TimedRecord, down: ReadonlySet<string>): DeliveryFigures {
  const { record, peers, lengthMs, endMs } = timed;
  const isDown = peers.map(({ name }) => down.has(name));
  const pairs = peers.map(() => peers.map(newPair));
  const lateness = peers.map(() => new ExactLatencies());
  const written = peers.map(() => 0);
  const latency = new LatencyRecord();
  const seconds = Array.from({ length: Math.ceil(lengthMs / 1000) }, newSecond);
  let [unknown, stale, beforeWritten, everywhere, deliveredBytes] = [record.unknownReads, 0, 0, 0, 0];

  for (const row of rowsByDueTime(timed)) {
    const { writer, atMs, dueMs, sizeBytes } = record.message(row);
    if (Number.isNaN(atMs)) {
      // What its writer did after its last event may not have been told yet.
      const knownMs = timed.time(writer, (peers[writer] as PeerRecord).lastAtMs);
      unknown += peers.filter((_, reader) => timed.readMs(row, reader) <= knownMs).length;
      continue;
    }
    const due = timed.time(writer, dueMs);
    if (!timed.isInWindow(due)) continue;
    const second = seconds[Math.floor(due / 1000)] as SecondOfDeliveries;
    written[writer] = (written[writer] as number) + 1;
    second.written++;
    if (dueMs !== atMs) lateness[writer]?.measured.push(Math.max(0, atMs - dueMs));
    let isEverywhere = true;
    for (let reader = 0; reader < peers.length; reader++) {
      if (reader === writer) continue;
      const pair = pairs[writer]?.[reader] as Pair;
      const read = timed.readMs(row, reader);
      if (!Number.isNaN(read)) {
        const took = read - due;
        if (read < pair.lastReadMs) pair.outOfOrder++;
        else pair.lastReadMs = read;
        second.delivered++;
        deliveredBytes += sizeBytes;
        // A read before the write by more than the clocks may differ measures nothing.
        if (read - timed.time(writer, atMs) < -timed.errorMs(writer, reader)) {
          beforeWritten++;
          pair.measured.push(0);
          continue;
        }
        const ms = Math.max(0, took);
        if (ms > freshMs) stale++;
        pair.measured.push(ms);
        second.latencies.measured.push(ms);
        latency.record(Math.round(ms * 1000));
        continue;
      }
      if (!isDown[reader]) isEverywhere = false;
      if (isDown[reader] || isDown[writer]) {
        pair.peerDown++;
        continue;
      }
      const age = Math.max(0, endMs - due);
      pair.censored.push(age);
      second.latencies.censored.push(age);
      latency.censor(Math.round(age * 1000));
    }
    if (isEverywhere) {
      everywhere++;
      second.everywhere++;
    }
  }

  const found = peers.flatMap((from, writer) =>
    peers.flatMap((to, reader) => {
      if (reader === writer) return [];
      const expected = written[writer] as number;
      return [
        pairFigures({ from: from.name, to: to.name, expected }, pairs[writer]?.[reader] as Pair, to.doubled),
      ];
    }),
  );
  return {
    written: sum(written),
    everywhere,
    deliveries: {
      expected: sum(found.map((pair) => pair.expected)),
      delivered: sum(found.map((pair) => pair.delivered)),
      missing: sum(found.map((pair) => pair.missing)),
      peerDown: sum(found.map((pair) => pair.peerDown)),
    },
    doubled: sum(found.map((pair) => pair.doubled)),
    unknown,
    stale,
    outOfOrder: sum(pairs.flat().map((pair) => pair.outOfOrder)),
    beforeWritten,
    latency: summarizeLatency(latency),
    pairs: found,
    writers: peers.map((_, place) => ({
      written: written[place] as number,
      lateP99Ms: lateness[place]?.quantiles(0.99)[0]?.ms,
    })),
    seconds,
    deliveredBytes,
  };
}

const newSecond = (): SecondOfDeliveries => ({
  written: 0,
  delivered: 0,
  everywhere: 0,
  latencies: new ExactLatencies(),
});

/** In the order in which messages were due, so that overtaking is seen; those that nobody wrote come last. */
function rowsByDueTime({ record }: TimedRecord): Uint32Array {
  const due = Float64Array.from({ length: record.messages }, (_, row) => record.message(row).dueMs);
  const isBefore = (a: number, b: number) => {
    const [one, other] = [due[a] as number, due[b] as number];
    if (Number.isNaN(one) || Number.isNaN(other))
      return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
    return one - other || a - b;
  };
  return Uint32Array.from({ length: record.messages }, (_, row) => row).sort(isBefore);
}

function pairFigures(
  { from, to, expected }: Pick<PairCounts, "from" | "to" | "expected">,
  pair: Pair,
  doubled: ReadonlyMap<string, number>,
): PairCounts {
  const { measured, censored, peerDown } = pair;
  const [p50, p99] = pair.quantiles(0.5, 0.99);
  return {
    from,
    to,
    expected,
    delivered: measured.length,
    missing: censored.length,
    peerDown,
    doubled: doubled.get(from) ?? 0,
    meanMs: measured.length === 0 ? undefined : sum(measured) / measured.length,
    p50,
    p99,
    maxMs: measured.length === 0 ? undefined : measured.reduce((most, ms) => Math.max(most, ms)),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Whether all messages of the window have come to all peers that are up. */
export function isSettled(timed: TimedRecord, down: ReadonlySet<string>): boolean {
  const { record, peers } = timed;
  for (let row = 0; row < record.messages; row++) {
    const { writer, atMs, dueMs } = record.message(row);
    const name = peers[writer]?.name as string;
    if (Number.isNaN(atMs) || down.has(name) || !timed.isInWindow(timed.time(writer, dueMs))) continue;
    for (const [reader, peer] of peers.entries()) {
      if (reader !== writer && !down.has(peer.name) && Number.isNaN(record.readMs(row, reader))) return false;
    }
  }
  return true;
}
