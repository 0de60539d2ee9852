import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Codec, CodecError } from "../../../src/load/messages/codec.ts";
import { observerReport, secondTally, senderReport } from "../../../src/load/messages/report-codec.ts";
import { Histogram } from "../../../src/metrics/stats/histogram.ts";
import { LatencyRecord, summarizeLatency } from "../../../src/metrics/stats/latency-record.ts";
import { SignedRecord } from "../../../src/metrics/stats/signed-record.ts";
import { anyObserverReport, anySecondTally, anySenderReport } from "./arbitrary-reports.ts";

/** In values that can be compared: classes with private parts are told by all that they tell. */
function plainOf(value: unknown): unknown {
  if (value instanceof Histogram) return [value.count, value.minUs, value.maxUs, [...value.counts()]];
  if (value instanceof LatencyRecord) {
    return [
      plainOf(value.measured),
      plainOf(value.censored),
      value.sumUs,
      value.sumOfSquaresUs,
      summarizeLatency(value),
    ];
  }
  if (value instanceof SignedRecord) return [plainOf(value.positive), plainOf(value.negative)];
  if (value instanceof Map) return [...value];
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainOf(part)]));
}

const throughJson = <T>(codec: Codec<T>, value: T): unknown =>
  JSON.parse(JSON.stringify(codec.encode(value)));

function expectSame<T>(codec: Codec<T>, any: fc.Arbitrary<T>) {
  fc.assert(
    fc.property(any, (value) => {
      expect(plainOf(codec.decode(throughJson(codec, value), ""))).toEqual(plainOf(value));
    }),
    { numRuns: 15 },
  );
}

describe("what comes is what went:", () => {
  test("reports of clients", () => expectSame(senderReport, anySenderReport));
  test("reports of observers", () => expectSame(observerReport, anyObserverReport));
  test("seconds", () => expectSame(secondTally, anySecondTally));
});

/** Every place in a document, as the keys that lead there. */
function placesIn(json: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof json !== "object" || json === null) return [path];
  return [path, ...Object.entries(json).flatMap(([key, value]) => placesIn(value, [...path, key]))];
}

function replaceAt(json: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(json))
    return json.map((one, index) => (String(index) === key ? replaceAt(one, rest, value) : one));
  const before = json as Readonly<Record<string, unknown>>;
  return { ...before, [key]: replaceAt(before[key], rest, value) };
}

test("a report with anything else in any place is refused by name, or taken, and never a crash", () => {
  fc.assert(
    fc.property(anySenderReport, fc.nat(), fc.jsonValue(), (report, choice, other) => {
      const json = throughJson(senderReport, report);
      const places = placesIn(json);
      const changed = replaceAt(json, places[choice % places.length] ?? [], other);
      try {
        senderReport.decode(changed, "report");
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError);
        expect((error as CodecError).message).toContain((error as CodecError).place);
      }
    }),
    { numRuns: 60 },
  );
});

describe("is refused, and where it is wrong is told:", () => {
  const [report] = fc.sample(anySenderReport, { numRuns: 1, seed: 1 });
  if (report === undefined) throw new Error("There is a sample.");
  const record = new LatencyRecord();
  for (const value of [5, 70, 3_000_000]) record.record(value);
  const json = throughJson(senderReport, { ...report, lateness: record });

  test.for([
    [["ledger", "scheduled"], -1, "report.ledger.scheduled is not a whole number from 0: -1"],
    [["ledger", "sent", "rejected", "committed"], 1.5, "report.ledger.sent.rejected.committed is not"],
    [["lateness", "sumUs"], 7, "report.lateness.sumUs is not decimal digits"],
    [["lateness", "measured", "v2"], "HISTFAAAAAAA", "report.lateness.measured is not a histogram"],
    [["lateness", "measured", "maxUs"], 99, "report.lateness.measured is not a histogram"],
    [["lateness", "measured"], {}, "report.lateness.measured.v2 is not a text"],
    [["windowStartedAtMs"], "now", "report.windowStartedAtMs is not a number"],
    [
      ["rejections"],
      [
        { text: "a", count: 1 },
        { text: "a", count: 2 },
      ],
      "report.rejections is not different texts",
    ],
    [["stalls"], [{ atSecs: 1, lengthMs: 1, cause: "bored" }], "report.stalls[0].cause is not one of"],
    [["generator", "mood"], 1, 'report.generator is not without "mood"'],
  ] as const)("%s", ([path, value, reason]) => {
    expect(() => senderReport.decode(replaceAt(json, path, value), "report")).toThrow(reason);
  });
});
