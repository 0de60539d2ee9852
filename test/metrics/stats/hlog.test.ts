import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram, relativeError } from "../../../src/metrics/stats/histogram.ts";
import {
  decodeHistogram,
  encodeHistogram,
  formatHistogramLog,
  HistogramEncodingError,
} from "../../../src/metrics/stats/hlog.ts";
import { LatencyRecord } from "../../../src/metrics/stats/latency-record.ts";

describe("encodeHistogram and decodeHistogram", () => {
  test("bring every bucket's count back", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 200 }),
        fc.nat({ max: 5_000_000 }),
        (list, many) => {
          const histogram = new Histogram();
          for (const value of list) histogram.record(value);
          histogram.add(7, many + 1);
          const decoded = decodeHistogram(encodeHistogram(histogram));
          expect(decoded.counts()).toEqual(histogram.counts());
          expect(decoded.count).toBe(histogram.count);
          expect(decoded.maxUs).toBeLessThanOrEqual((histogram.maxUs ?? 0) * (1 + relativeError));
        },
      ),
    );
  });

  test("a histogram encoded by hdr-histogram-js 3.0.1 is read", () => {
    const histogram = new Histogram();
    for (const value of [1, 2, 3, 1000, 5000, 5001, 1_000_000, 59_999_999]) histogram.record(value);
    const foreign = "HISTFAAAADN4nJNpmSzMwMAgwMDAwMjAwMDMAAEgNsO1yUsY4HwmJqbj/EwflVl+VzF1xjEBAJ/TB8A=";
    expect(decodeHistogram(foreign).counts()).toEqual(histogram.counts());
  });

  test("an empty histogram comes back empty", () => {
    expect(decodeHistogram(encodeHistogram(new Histogram())).count).toBe(0);
  });

  /** A histogram of ours whose counts are these bytes. */
  function withCounts(counts: readonly number[]): string {
    const header = inflateSync(Buffer.from(encodeHistogram(new Histogram()), "base64").subarray(8));
    header.writeUInt32BE(counts.length, 4);
    const deflated = deflateSync(Buffer.concat([header, Buffer.from(counts)]));
    const front = Buffer.alloc(8);
    front.writeUInt32BE(0x1c849314, 0);
    front.writeUInt32BE(deflated.length, 4);
    return Buffer.concat([front, deflated]).toString("base64");
  }
  /** A number with so many bytes of no value before its last: a run of empty buckets where `first` is odd, else a count. */
  const long = (bytes: number, first: number) => [first, ...Array<number>(bytes).fill(0x80), 1];

  test.each([
    ["a count that is infinite", long(150, 0x80)],
    ["a count beyond what is held exactly", long(7, 0x80)],
    ["an endless run of empty buckets", [...long(150, 0x81), 2]],
    ["a count above one hour", [...long(3, 0x81), 2]],
  ])("%s is refused by name", (_, counts) => {
    expect(() => decodeHistogram(withCounts(counts))).toThrow(HistogramEncodingError);
  });

  test("a count that another wrote is read", () => {
    expect(decodeHistogram(withCounts([0x80, 0x02])).counts()).toEqual(Float64Array.of(128));
  });

  test.each(["", "HISTFAAA", "not base64 at all", "HISTFAAAAAR4nAAA"])("%j is refused by name", (text) => {
    expect(() => decodeHistogram(text)).toThrow(HistogramEncodingError);
  });
});

describe("formatHistogramLog", () => {
  test("has the lines of the log format, exact sums, and the censored ones under a tag", () => {
    const record = new LatencyRecord();
    record.record(1000);
    record.record(3000);
    record.censor(60_000_000);
    const lines = formatHistogramLog(record, {
      startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      lengthSecs: 60,
    });
    const [version, start, unit, exact, ages, header, measured, censored, end] = lines.split("\n");
    expect(version).toBe("#[Histogram log format version 1.3]");
    expect(start).toBe("#[StartTime: 1767323045.678 (seconds since epoch), 2026-01-02T03:04:05.678Z]");
    expect(unit).toBe("#[Unit: microseconds]");
    expect(exact).toBe("#[Exact: count=2 sum_us=4000 sum_of_squares_us2=10000000 min_us=1000 max_us=3000]");
    expect(ages).toBe("#[Censored: count=1 min_us=60000000 max_us=60000000]");
    expect(header).toBe('"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"');
    expect(measured).toMatch(/^0\.000,60\.000,3\.000,HISTFAAA[A-Za-z0-9+/=]+$/);
    expect(censored).toMatch(/^Tag=censored,0\.000,60\.000,60000\.000,HISTFAAA[A-Za-z0-9+/=]+$/);
    expect(end).toBe("");
    expect(decodeHistogram(measured?.split(",")[3] ?? "").maxUs).toBe(3001);
  });
});
