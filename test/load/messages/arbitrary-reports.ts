/** Any report that a client or an observer could make. */
import fc from "fast-check";
import { latencyKinds } from "../../../src/contracts/results/latency.ts";
import type { Fork } from "../../../src/contracts/results/safety.ts";
import { recordOf } from "../../../src/core/keys.ts";
import type { ObserverReport, SenderReport } from "../../../src/load/plan/client-plan.ts";
import type { SecondTally } from "../../../src/load/tally/second-tally.ts";
import { Histogram } from "../../../src/metrics/stats/histogram.ts";
import { LatencyRecord } from "../../../src/metrics/stats/latency-record.ts";
import { SignedRecord } from "../../../src/metrics/stats/signed-record.ts";

const count = fc.nat(1_000_000_000);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
/** Microseconds, up to beyond the hour that histograms tell apart. */
const valueUs = fc.oneof(fc.nat(5000), fc.nat(4_000_000_000));

const histogram = fc.array(valueUs, { maxLength: 20 }).map((values) => {
  const all = new Histogram();
  for (const value of values) all.record(value);
  return all;
});

const latency = fc
  .record({ measured: fc.array(valueUs, { maxLength: 20 }), censored: fc.array(valueUs, { maxLength: 5 }) })
  .map(({ measured, censored }) => {
    const record = new LatencyRecord();
    for (const value of measured) record.record(value);
    for (const age of censored) record.censor(age);
    return record;
  });

const signed = fc.array(fc.integer({ min: -4_000_000, max: 4_000_000 }), { maxLength: 20 }).map((values) => {
  const record = new SignedRecord();
  for (const value of values) record.record(value);
  return record;
});

const cell = fc.record({ committed: count, notSeen: count });
const segmentTally = fc.record({ scheduled: count, committed: count, latency });

export const anySenderReport: fc.Arbitrary<SenderReport> = fc.record({
  ledger: fc.record({
    scheduled: count,
    unsent: fc.record({ dropped: count, cut: count }),
    sent: fc.record({ acknowledged: cell, rejected: cell, timedOut: cell, connectionFailed: cell }),
    duplicateCommits: count,
    unknownCommits: count,
    forgottenCommits: count,
    lateSends: count,
  }),
  windowStartedAtMs: finite,
  committedInWindow: maybe(count),
  acknowledgedInWindow: count,
  latency: fc.record(recordOf(latencyKinds, () => maybe(latency))),
  lateness: latency,
  rejections: fc.dictionary(fc.string(), count).map((counts) => new Map(Object.entries(counts))),
  stalls: fc.array(
    fc.record({
      atSecs: finite,
      lengthMs: finite,
      cause: fc.constantFrom("asleep" as const, "stopped" as const, "clock-step" as const),
    }),
    { maxLength: 3 },
  ),
  inFlightCapReached: fc.boolean(),
  redirected: count,
  segments: fc.array(fc.record({ up: segmentTally, down: segmentTally, observed: count }), { maxLength: 2 }),
  generator: fc.record({
    latenessP99MaxMs: maybe(finite),
    loopDelayMaxMs: maybe(finite),
    cpuMeanRatio: maybe(finite),
    cpuMaxRatio: maybe(finite),
    gcPauseTotalMs: maybe(finite),
    gcPauseMaxMs: maybe(finite),
  }),
});

const fork: fc.Arbitrary<Fork> = fc.record({
  height: count,
  seen: fc.constantFrom("during" as const, "after" as const),
  shown: fc.array(fc.record({ node: fc.string(), fingerprint: fc.string() }), { maxLength: 3 }),
  notFollowed: maybe(fc.string()),
});

export const anyObserverReport: fc.Arbitrary<ObserverReport> = fc.record({
  watched: fc.record({ nodes: fc.array(fc.string()), heights: maybe(fc.record({ from: count, to: count })) }),
  agreement: maybe(
    fc.record({
      comparedHeights: count,
      uncomparedHeights: count,
      uncompared: fc.array(count),
      forks: fc.array(fork, { maxLength: 2 }),
    }),
  ),
  blockAges: signed,
  observerFailures: fc.array(fc.record({ node: fc.string(), reason: fc.string() }), { maxLength: 3 }),
  heightsSeenMs: fc.array(finite),
  heightsSeen: fc.array(count),
  observer: maybe(
    fc.record({
      blocks: count,
      transactions: count,
      bytes: count,
      cpuMs: maybe(finite),
      cpuMaxRatio: maybe(finite),
      loopDelayP99Ms: maybe(finite),
      loopDelayMaxMs: maybe(finite),
      lagMaxMs: maybe(finite),
      polled: fc.array(fc.record({ node: fc.string(), everyMs: finite }), { maxLength: 2 }),
    }),
  ),
});

export const anySecondTally: fc.Arbitrary<SecondTally> = fc.record({
  startSecs: finite,
  lengthSecs: finite,
  counts: fc.record({ due: count, sent: count, acknowledged: count, committed: count, failed: count }),
  latency: histogram,
  lateness: histogram,
  self: fc.record({ loopDelayMaxMs: maybe(finite), cpuRatio: maybe(finite), gcPauseMs: maybe(finite) }),
});
