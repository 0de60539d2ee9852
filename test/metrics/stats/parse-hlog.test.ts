import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram } from "../../../src/metrics/stats/histogram.ts";
import {
  formatHistogramLog,
  formatIntervalLine,
  HistogramEncodingError,
  logHead,
} from "../../../src/metrics/stats/hlog.ts";
import { LatencyRecord, summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { parseHistogramLog, parseIntervalLog } from "../../../src/metrics/stats/parse-hlog.ts";

const values = fc.array(fc.nat({ max: 2 ** 33 }), { maxLength: 60 });
const interval = { startedAtMs: 1_767_323_045_678, lengthSecs: 60 };

function recordOf(measured: readonly number[], censored: readonly number[]): LatencyRecord {
  const record = new LatencyRecord();
  for (const value of measured) record.record(value);
  for (const value of censored) record.censor(value);
  return record;
}

describe("parseHistogramLog", () => {
  test("gives back all that is published of a latency, also of values above one hour", () => {
    fc.assert(
      fc.property(values, values, (measured, censored) => {
        const record = recordOf(measured, censored);
        const parsed = parseHistogramLog(formatHistogramLog(record, interval));
        expect(parsed).toMatchObject(interval);
        expect(summarizeLatency(parsed.record)).toEqual(summarizeLatency(record));
      }),
    );
  });

  const log = formatHistogramLog(recordOf([1000, 70_000, 3_000_000], [5_000_000]), interval);
  test("finds every other digit outside of the sums, and every change of the compressed parts", () => {
    for (let at = 0; at < log.length; at++) {
      const digit = log[at] ?? "";
      if (!/\d/.test(digit)) continue;
      const changed = `${log.slice(0, at)}${(Number(digit) + 1) % 10}${log.slice(at + 1)}`;
      let problem = "";
      try {
        const { record } = parseHistogramLog(changed);
        const same =
          JSON.stringify(keys(record)) ===
          JSON.stringify(keys(recordOf([1000, 70_000, 3_000_000], [5_000_000])));
        problem =
          same && Date.parse("2026-01-02T03:04:05.678Z") === parseHistogramLog(changed).startedAtMs
            ? "missed"
            : "other";
      } catch (error) {
        expect(error).toBeInstanceOf(HistogramEncodingError);
      }
      expect(problem, `${at}: ${changed.slice(at - 20, at + 10)}`).not.toBe("missed");
    }
  });
});

/** What a record says, as text. */
function keys(record: LatencyRecord) {
  return Object.entries(summarizeLatency(record)).map(([key, value]) => [
    key,
    String(JSON.stringify(value, (_, entry) => (typeof entry === "bigint" ? String(entry) : entry))),
  ]);
}

describe("parseIntervalLog", () => {
  test("gives back each interval with its exact largest value", () => {
    const [one, other] = [new Histogram(), new Histogram()];
    one.record(123_457);
    other.record(5);
    const lines = [
      ...logHead(interval.startedAtMs),
      formatIntervalLine(one, { startSecs: -2, lengthSecs: 1 }),
      formatIntervalLine(other, { startSecs: 1.5, lengthSecs: 0.5 }),
    ];
    const { startedAtMs, intervals } = parseIntervalLog(`${lines.join("\n")}\n`);
    expect(startedAtMs).toBe(interval.startedAtMs);
    expect(
      [...intervals].map(({ startSecs, lengthSecs, histogram }) => [startSecs, lengthSecs, histogram.maxUs]),
    ).toEqual([
      [-2, 1, 123_457],
      [1.5, 0.5, 5],
    ]);
  });

  test("reads an interval when it is asked for: all at once they would take far more memory", () => {
    const histogram = new Histogram();
    histogram.record(5);
    const line = formatIntervalLine(histogram, { startSecs: 0, lengthSecs: 1 });
    const lines = [...logHead(interval.startedAtMs), line, line.replace(/^0/, "00"), "rubbish"];
    const { intervals } = parseIntervalLog(`${lines.join("\n")}\n`);
    expect(intervals.next().value).toMatchObject({ startSecs: 0, lengthSecs: 1 });
    expect(() => intervals.next()).toThrow(`Line ${lines.length - 1} should be`);
  });

  test.each(["", "#[Histogram log format version 1.3]\n", "hello\nworld\n"])(
    "%j is refused by name",
    (text) => {
      expect(() => parseIntervalLog(text)).toThrow(HistogramEncodingError);
    },
  );
});
