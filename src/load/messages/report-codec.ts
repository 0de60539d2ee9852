/** How reports and seconds travel: plain JSON, histograms as HdrHistogram V2 texts with their exact extremes. */

import type { NodeName } from "../../contracts/nodes/node.ts";
import { latencyKinds } from "../../contracts/results/latency.ts";
import type { Fork, ShownBlock } from "../../contracts/results/safety.ts";
import { describeError } from "../../core/errors.ts";
import { recordOf } from "../../core/keys.ts";
import { Histogram } from "../../metrics/stats/histogram.ts";
import { decodeHistogram, encodeHistogram } from "../../metrics/stats/hlog.ts";
import { LatencyRecord } from "../../metrics/stats/latency-record.ts";
import { SignedRecord } from "../../metrics/stats/signed-record.ts";
import type { ObserverReport, SegmentTally, SenderReport } from "../plan/client-plan.ts";
import type { SecondTally, SelfSeen } from "../tally/second-tally.ts";
import {
  type Codec,
  CodecError,
  count,
  counts,
  finite,
  flag,
  list,
  naturalBigInt,
  object,
  oneOf,
  optional,
  text,
} from "./codec.ts";

const name: Codec<NodeName> = text(1000);
const reason = text(65_536);
/** Most of whatever is counted by node, segment or height; what a run can have is far below. */
const many = 2_000_000;

interface StoredHistogram {
  readonly v2: string;
  readonly minUs: number;
  readonly maxUs: number;
}

const storedHistogram = object<StoredHistogram>({ v2: text(1 << 20), minUs: count, maxUs: count });

/** Nothing for an empty one. */
export const histogram: Codec<Histogram> = {
  encode: (value) => {
    const { minUs, maxUs } = value;
    if (minUs === undefined || maxUs === undefined) return null;
    return storedHistogram.encode({ v2: encodeHistogram(value), minUs, maxUs });
  },
  decode: (json, place) => {
    if (json === null) return new Histogram();
    const stored = storedHistogram.decode(json, place);
    try {
      const decoded = decodeHistogram(stored.v2);
      decoded.setExtremes(stored.minUs, stored.maxUs);
      return decoded;
    } catch (cause) {
      throw new CodecError({ place, wanted: `a histogram (${describeError(cause)})`, got: json }, { cause });
    }
  },
};

type StoredRecord = Parameters<typeof LatencyRecord.restore>[0];

const storedRecord = object<StoredRecord>({
  measured: histogram,
  censored: histogram,
  sumUs: naturalBigInt,
  sumOfSquaresUs: naturalBigInt,
});

const latency: Codec<LatencyRecord> = {
  encode: (record) => storedRecord.encode(record),
  decode: (json, place) => LatencyRecord.restore(storedRecord.decode(json, place)),
};

const storedSigned = object<Parameters<typeof SignedRecord.restore>[0]>({
  positive: latency,
  negative: latency,
});

const signed: Codec<SignedRecord> = {
  encode: (record) => storedSigned.encode(record),
  decode: (json, place) => SignedRecord.restore(storedSigned.decode(json, place)),
};

const cell = object<SenderReport["ledger"]["sent"]["acknowledged"]>({ committed: count, notSeen: count });

const ledger = object<SenderReport["ledger"]>({
  scheduled: count,
  unsent: object({ dropped: count, cut: count }),
  sent: object({ acknowledged: cell, rejected: cell, timedOut: cell, connectionFailed: cell }),
  duplicateCommits: count,
  unknownCommits: count,
  forgottenCommits: count,
  lateSends: count,
});

const segmentTally = object<SegmentTally>({ scheduled: count, committed: count, latency });

const generator = object<SenderReport["generator"]>({
  latenessP99MaxMs: optional(finite),
  loopDelayMaxMs: optional(finite),
  cpuMeanRatio: optional(finite),
  cpuMaxRatio: optional(finite),
  gcPauseTotalMs: optional(finite),
  gcPauseMaxMs: optional(finite),
});

/** What one client found by sending. */
export const senderReport: Codec<SenderReport> = object<SenderReport>({
  ledger,
  windowStartedAtMs: finite,
  committedInWindow: optional(count),
  acknowledgedInWindow: count,
  latency: object<SenderReport["latency"]>(recordOf(latencyKinds, () => optional(latency))),
  lateness: latency,
  rejections: counts(65_536, 1000),
  stalls: list(
    object({ atSecs: finite, lengthMs: finite, cause: oneOf("asleep", "stopped", "clock-step") }),
    many,
  ),
  inFlightCapReached: flag,
  redirected: count,
  segments: list(object({ up: segmentTally, down: segmentTally, observed: count }), many),
  generator,
});

const agreement = object<NonNullable<ObserverReport["agreement"]>>({
  comparedHeights: count,
  uncomparedHeights: count,
  uncompared: list(count, many),
  forks: list(
    object<Fork>({
      height: count,
      seen: oneOf("during", "after"),
      shown: list(object<ShownBlock>({ node: name, fingerprint: text(1000) }), many),
      notFollowed: optional(reason),
    }),
    1000,
  ),
});

const observer = object<NonNullable<ObserverReport["observer"]>>({
  blocks: count,
  transactions: count,
  bytes: count,
  cpuMs: optional(finite),
  cpuMaxRatio: optional(finite),
  loopDelayP99Ms: optional(finite),
  loopDelayMaxMs: optional(finite),
  lagMaxMs: optional(finite),
  polled: list(object({ node: name, everyMs: finite }), many),
});

/** What watching the nodes of one process found. */
export const observerReport: Codec<ObserverReport> = object<ObserverReport>({
  watched: object<ObserverReport["watched"]>({
    nodes: list(name, many),
    heights: optional(object({ from: count, to: count })),
  }),
  agreement: optional(agreement),
  blockAges: signed,
  observerFailures: list(object({ node: name, reason }), many),
  heightsSeenMs: list(finite, many),
  heightsSeen: list(count, many),
  observer: optional(observer),
});

export const secondTally: Codec<SecondTally> = object<SecondTally>({
  startSecs: finite,
  lengthSecs: finite,
  counts: object({ due: count, sent: count, acknowledged: count, committed: count, failed: count }),
  latency: histogram,
  lateness: histogram,
  self: object<SelfSeen>({
    loopDelayMaxMs: optional(finite),
    cpuRatio: optional(finite),
    gcPauseMs: optional(finite),
  }),
});
