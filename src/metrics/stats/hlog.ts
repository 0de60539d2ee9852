/**
 * The HdrHistogram V2 encoding and its log format, so that HdrHistogram's own tools read our histograms.
 *
 * @see https://github.com/HdrHistogram/HdrHistogram, EncodableHistogram and HistogramLogWriter
 */
import { deflateSync, inflateSync } from "node:zlib";
import { BaleenError } from "../../core/errors.ts";
import { bucketCount, Histogram, highestOf, largestTrackableUs, significantDigits } from "./histogram.ts";
import type { LatencyRecord } from "./latency-record.ts";

const encodingCookie = 0x1c849313;
const compressedCookie = 0x1c849314;
const headerBytes = 40;
const compressedHeaderBytes = 8;
/** A histogram of ours is far smaller; a larger one is not ours. */
const largestInflatedBytes = 1 << 20;

/** A text that is no compressed V2 histogram of our layout. */
export class HistogramEncodingError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("histogram-encoding", message, options);
  }
}

/** Encodes a histogram as HdrHistogram V2, deflated, in base64. Values above one hour stand there as one hour. */
export function encodeHistogram(histogram: Histogram): string {
  const payload = encodeCounts(histogram.counts());
  const plain = Buffer.alloc(headerBytes + payload.length);
  plain.writeUInt32BE(encodingCookie, 0);
  plain.writeUInt32BE(payload.length, 4);
  plain.writeUInt32BE(0, 8); // normalizing index offset
  plain.writeUInt32BE(significantDigits, 12);
  plain.writeBigUInt64BE(1n, 16); // lowest discernible value
  plain.writeBigUInt64BE(BigInt(largestTrackableUs), 24);
  plain.writeDoubleBE(1, 32); // integer to double conversion ratio
  payload.copy(plain, headerBytes);
  const deflated = deflateSync(plain);
  const header = Buffer.alloc(compressedHeaderBytes);
  header.writeUInt32BE(compressedCookie, 0);
  header.writeUInt32BE(deflated.length, 4);
  return Buffer.concat([header, deflated]).toString("base64");
}

/** Inverse of `encodeHistogram`; values come back as the highest of their bucket. @throws HistogramEncodingError */
export function decodeHistogram(text: string): Histogram {
  const bytes = Buffer.from(text, "base64");
  // A digit may hold bits that nobody reads: each histogram has one text.
  if (bytes.toString("base64") !== text) throw new HistogramEncodingError("The text is not base64.");
  if (bytes.length < compressedHeaderBytes || bytes.readUInt32BE(0) !== compressedCookie) {
    throw new HistogramEncodingError("Not a compressed HdrHistogram V2 text.");
  }
  if (bytes.readUInt32BE(4) !== bytes.length - compressedHeaderBytes) {
    throw new HistogramEncodingError("The histogram's compressed part has the wrong length.");
  }
  let plain: Buffer;
  try {
    plain = inflateSync(bytes.subarray(compressedHeaderBytes), { maxOutputLength: largestInflatedBytes });
  } catch (cause) {
    throw new HistogramEncodingError("The histogram's compressed part is corrupt.", { cause });
  }
  const ours =
    plain.length >= headerBytes &&
    plain.readUInt32BE(0) === encodingCookie &&
    plain.readUInt32BE(4) === plain.length - headerBytes &&
    plain.readUInt32BE(12) === significantDigits &&
    plain.readBigUInt64BE(16) === 1n;
  if (!ours) throw new HistogramEncodingError("The histogram's layout is not 3 digits from 1 µs.");
  return decodeCounts(plain.subarray(headerBytes));
}

export interface HistogramInterval {
  /** Milliseconds since 1970 UTC. */
  readonly startedAtMs: number;
  readonly lengthSecs: number;
}

/** One line of a log: an interval, and the values that were recorded in it. */
export interface IntervalLine {
  /** Since the log's start. */
  readonly startSecs: number;
  readonly lengthSecs: number;
  readonly tag?: string;
}

/** Interval_Max is milliseconds, so that three decimals say it exactly. */
export function formatIntervalLine(
  histogram: Histogram,
  { startSecs, lengthSecs, tag }: IntervalLine,
): string {
  const before = tag === undefined ? "" : `Tag=${tag},`;
  const maxMs = ((histogram.maxUs ?? 0) / 1000).toFixed(3);
  return `${before}${startSecs.toFixed(3)},${lengthSecs.toFixed(3)},${maxMs},${encodeHistogram(histogram)}`;
}

/** The lines before a log's first interval. @param comments what else is to be said, without `#[` and `]` */
export function logHead(startedAtMs: number, comments: readonly string[] = []): string[] {
  const wholeMs = Math.trunc(startedAtMs);
  return [
    "#[Histogram log format version 1.3]",
    `#[StartTime: ${(wholeMs / 1000).toFixed(3)} (seconds since epoch), ${new Date(wholeMs).toISOString()}]`,
    "#[Unit: microseconds]",
    ...comments.map((comment) => `#[${comment}]`),
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ];
}

/**
 * Formats one interval as an HdrHistogram log (version 1.3): a line with the measured values, and one tagged
 * `censored` with the ages of those whose end was not seen. Values are microseconds. Comments hold what buckets do
 * not: exact count, sums, least and largest, from which all that is published of a latency follows.
 */
export function formatHistogramLog(record: LatencyRecord, interval: HistogramInterval): string {
  const { measured, censored } = record;
  const at = { startSecs: 0, lengthSecs: interval.lengthSecs };
  const sums = ` sum_us=${record.sumUs} sum_of_squares_us2=${record.sumOfSquaresUs}`;
  return `${[
    ...logHead(interval.startedAtMs, [
      `Exact: count=${measured.count}${sums}${extremes(measured)}`,
      ...(censored.count === 0 ? [] : [`Censored: count=${censored.count}${extremes(censored)}`]),
    ]),
    formatIntervalLine(measured, at),
    ...(censored.count === 0 ? [] : [formatIntervalLine(censored, { ...at, tag: "censored" })]),
  ].join("\n")}\n`;
}

function extremes({ count, minUs, maxUs }: Histogram): string {
  return count === 0 ? "" : ` min_us=${minUs} max_us=${maxUs}`;
}

/** Counts as ZigZag LEB128 numbers; a run of empty buckets is one negative number. */
function encodeCounts(counts: Float64Array): Buffer {
  const bytes: number[] = [];
  const put = (number: number) => {
    let rest = number >= 0 ? number * 2 : -number * 2 - 1;
    while (rest >= 128) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
  };
  for (let i = 0; i < counts.length; ) {
    const count = counts[i] ?? 0;
    let end = i + 1;
    if (count === 0) while (end < counts.length && counts[end] === 0) end++;
    put(count === 0 ? i - end : count);
    i = end;
  }
  return Buffer.from(bytes);
}

function decodeCounts(payload: Buffer): Histogram {
  const histogram = new Histogram();
  let index = 0;
  for (let at = 0; at < payload.length; ) {
    let zigzag = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = payload[at++] ?? 0;
      zigzag += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128 && at < payload.length);
    if (!Number.isSafeInteger(zigzag)) {
      throw new HistogramEncodingError("The histogram has a count that is too large to represent exactly.");
    }
    if (zigzag % 2 === 1) {
      index += (zigzag + 1) / 2;
      continue;
    }
    if (index >= bucketCount) throw new HistogramEncodingError("The histogram has counts above one hour.");
    const valueUs = Math.min(highestOf(index++), largestTrackableUs);
    if (zigzag > 0) histogram.add(valueUs, zigzag / 2);
  }
  return histogram;
}
