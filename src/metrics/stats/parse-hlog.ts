/** The inverse of hlog.ts: logs that were kept, back into what they were made from. */
import { Histogram } from "./histogram.ts";
import {
  decodeHistogram,
  formatHistogramLog,
  formatIntervalLine,
  HistogramEncodingError,
  type HistogramInterval,
  type IntervalLine,
  logHead,
} from "./hlog.ts";
import { LatencyRecord } from "./latency-record.ts";

export interface LoggedInterval extends IntervalLine {
  readonly histogram: Histogram;
}

const linePattern = /^(?:Tag=([a-z]+),)?(-?\d+\.\d{3}),(\d+\.\d{3}),(\d+\.\d{3}),([A-Za-z0-9+/]+=*)$/;

/**
 * Reads a log that `formatHistogramLog` made: all of the record comes back but where in its bucket each value lay.
 *
 * @throws HistogramEncodingError where the text is anything else, or says one thing twice in different ways
 */
export function parseHistogramLog(text: string): { readonly record: LatencyRecord } & HistogramInterval {
  const lines = splitLines(text);
  const startedAtMs = parseStart(lines);
  const exact =
    /^#\[Exact: count=(\d+) sum_us=(\d+) sum_of_squares_us2=(\d+)(?: min_us=(\d+) max_us=(\d+))?\]$/.exec(
      lines[3] ?? "",
    );
  const ages = /^#\[Censored: count=(\d+) min_us=(\d+) max_us=(\d+)\]$/.exec(lines[4] ?? "");
  if (exact === null)
    throw new HistogramEncodingError("The exact count and sums are not in its fourth line.");
  const first = ages === null ? 5 : 6;
  const measured = parseIntervalLine(lines[first] ?? "");
  const censored = ages === null ? undefined : parseIntervalLine(lines[first + 1] ?? "");
  setExtremes(measured.histogram, exact.slice(4));
  if (ages !== null && censored !== undefined) setExtremes(censored.histogram, ages.slice(2));
  const [count = 0n, sumUs = 0n, sumOfSquaresUs = 0n] = exact.slice(1, 4).map(BigInt);
  if (count * sumOfSquaresUs < sumUs ** 2n) {
    throw new HistogramEncodingError("No values can have that count, sum and sum of squares.");
  }
  const record = LatencyRecord.restore({
    measured: measured.histogram,
    censored: censored?.histogram ?? new Histogram(),
    sumUs,
    sumOfSquaresUs,
  });
  const interval = { startedAtMs, lengthSecs: measured.lengthSecs };
  expectSame(text, formatHistogramLog(record, interval));
  return { record, ...interval };
}

/**
 * Reads a log of one interval after another, which has a head and `formatIntervalLine`s. Each is read when it is asked
 * for, since a histogram takes far more memory than its line.
 *
 * @throws HistogramEncodingError for the head at once, for an interval when it is reached
 */
export function parseIntervalLog(text: string): {
  readonly startedAtMs: number;
  readonly intervals: Generator<LoggedInterval, void>;
} {
  const lines = splitLines(text);
  const startedAtMs = parseStart(lines);
  const head = logHead(startedAtMs);
  for (const [index, line] of head.entries()) expectSame(lines[index] ?? "", line, index);
  return { startedAtMs, intervals: readIntervals(lines, head.length) };
}

function* readIntervals(lines: readonly string[], first: number): Generator<LoggedInterval, void> {
  for (let index = first; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const interval = parseIntervalLine(line);
    expectSame(line, formatIntervalLine(interval.histogram, interval), index);
    yield interval;
  }
}

function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new HistogramEncodingError("It does not end with a line break.");
  return lines;
}

function parseStart(lines: readonly string[]): number {
  const start = /^#\[StartTime: \d+\.\d{3} \(seconds since epoch\), (\S+)\]$/.exec(lines[1] ?? "")?.[1];
  const startedAtMs = Date.parse(start ?? "");
  if (Number.isNaN(startedAtMs)) throw new HistogramEncodingError("Its second line is not a start time.");
  return startedAtMs;
}

function parseIntervalLine(line: string): LoggedInterval {
  const [, tag, startSecs, lengthSecs, maxMs, encoded = ""] = linePattern.exec(line) ?? [];
  if (Buffer.from(encoded, "base64").toString("base64") !== encoded || encoded === "") {
    throw new HistogramEncodingError(`${JSON.stringify(line.slice(0, 60))} is not an interval.`);
  }
  const histogram = decodeHistogram(encoded);
  if (histogram.minUs !== undefined) {
    const maxUs = Math.round(Number(maxMs) * 1000);
    // The least one is not told: at most the largest one, where both share a bucket.
    setExtremes(histogram, [Math.min(histogram.minUs, maxUs), maxUs]);
  }
  return {
    startSecs: Number(startSecs),
    lengthSecs: Number(lengthSecs),
    histogram,
    ...(tag === undefined ? {} : { tag }),
  };
}

function setExtremes(histogram: Histogram, [minUs, maxUs]: readonly (string | number | undefined)[]): void {
  if (histogram.count === 0 && minUs === undefined) return;
  try {
    histogram.setExtremes(Number(minUs), Number(maxUs));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "they are not numbers";
    throw new HistogramEncodingError(`Smallest and largest value do not match: ${reason}`, { cause });
  }
}

/** But for the compressed parts, whose bytes differ between zlibs. @param before lines of the log before these */
function expectSame(text: string, again: string, before = 0): void {
  const plain = (log: string) => log.replace(/,HISTFAAA[^,\n]*$/gm, "");
  if (plain(text) === plain(again)) return;
  const ours = plain(again).split("\n");
  const at = plain(text)
    .split("\n")
    .findIndex((line, index) => line !== ours[index]);
  throw new HistogramEncodingError(
    `Line ${before + at + 1} should be ${JSON.stringify(ours[at] ?? "missing")}.`,
  );
}
