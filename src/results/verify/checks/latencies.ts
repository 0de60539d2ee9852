import { type LatencySummary, latencyForm } from "../../../contracts/results/latency.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { describeError } from "../../../core/errors.ts";
import { snakeCase } from "../../../core/keys.ts";
import { largestTrackableUs } from "../../../metrics/stats/histogram.ts";
import type { HistogramInterval } from "../../../metrics/stats/hlog.ts";
import { LatencyRecord, summarizeLatency } from "../../../metrics/stats/latency-record.ts";
import { parseHistogramLog } from "../../../metrics/stats/parse-hlog.ts";
import {
  histogramNames,
  partInterval,
  phaseHistogramName,
  segmentHistogramName,
} from "../../schema/histogram-names.ts";
import { runFileName } from "../../schema/published-run.ts";
import type { Contents } from "../contents/contents.ts";
import type { FileFindings, Findings } from "../contents/findings.ts";

/** One histogram that a run must have, and what is published of it. */
interface KeptHistogram {
  readonly path: string;
  /** Key of the summary in the run's file. */
  readonly key: string;
  readonly summary: LatencySummary;
  readonly interval: HistogramInterval;
}

/** The histograms that a run must have, but for the one of its seconds. */
export function keptHistograms(run: RunResult): KeptHistogram[] {
  const startedAtMs = Date.parse(run.timestamp);
  const pathOf = (name: string) => `histograms/${run.benchmarkNumber}-${name}.hlog`;
  const whole = { startedAtMs, lengthSecs: run.parameters.durationSecs };
  const summaries = { ...run.latency, lateness: run.lateness };
  const kinds = Object.keys(histogramNames) as (keyof typeof histogramNames)[];
  return [
    ...kinds.flatMap((kind) => {
      const summary = summaries[kind];
      if (summary === undefined) return [];
      const key = kind === "lateness" ? kind : `results.latency.${snakeCase(kind)}`;
      return [{ path: pathOf(histogramNames[kind]), key, summary, interval: whole }];
    }),
    ...run.segments.flatMap((segment, index) => {
      const interval = partInterval(startedAtMs, segment);
      const one = (side: "living" | "dead", { latency }: { readonly latency: LatencySummary }) => ({
        path: pathOf(segmentHistogramName(index + 1, side)),
        key: `results.stretches[${index}].of_${side}_nodes.latency`,
        summary: latency,
        interval,
      });
      return [one("living", segment.ofLivingNodes), one("dead", segment.ofDeadNodes)];
    }),
    ...run.phases.map((phase, index) => ({
      path: pathOf(phaseHistogramName(index + 1)),
      key: `results.phases[${index}].latency`,
      summary: phase.latency,
      interval: partInterval(startedAtMs, phase),
    })),
  ];
}

/** Every figure of every latency follows from its histogram, whose exact sums must be possible for its buckets. */
export function checkLatencies({ files, runs }: Contents, findings: Findings): void {
  for (const run of runs) {
    const found = findings.in(runFileName(run));
    const records = new Map<string, LatencyRecord>();
    for (const kept of keptHistograms(run)) {
      const histogram = findings.in(kept.path);
      const record = readRecord(files.get(kept.path), kept.interval, histogram);
      if (record === undefined) continue;
      records.set(kept.key, record);
      const [says, follows] = [kept.summary, summarizeLatency(record)].map((one) =>
        writeForm(latencyForm, one),
      );
      found.sameJson(kept.key, says, follows);
      checkSums(record, histogram);
      if (kept.key === "lateness") checkLateSends(run, record, found);
    }
    for (const kind of ["response", "submit"] as const) checkReplies(run, kind, records, found);
  }
}

/** Where something was refused, acceptances and refusals together are the replies. */
function checkReplies(
  { latency }: RunResult,
  kind: "response" | "submit",
  records: ReadonlyMap<string, LatencyRecord>,
  found: FileFindings,
): void {
  if (latency.responseRefused === undefined) return;
  const key = `results.latency.${kind}`;
  const all = records.get(key);
  const parts = ["accepted", "refused"].flatMap((part) => {
    const record = records.get(`${key}_${part}`);
    found.holds(`${key}_${part}`, record?.measured.count, record !== undefined, `those that were ${part}`);
    return record ?? [];
  });
  if (all === undefined || parts.length < 2) return;
  const sum = LatencyRecord.merged(parts);
  sum.censored.merge(all.censored);
  const [says, follows] = [all, sum].map((one) => writeForm(latencyForm, summarizeLatency(one)));
  found.sameJson(key, says, follows);
}

function readRecord(
  text: string | undefined,
  { startedAtMs, lengthSecs }: HistogramInterval,
  found: FileFindings,
): LatencyRecord | undefined {
  if (text === undefined) {
    found.add("it", "nothing", "a histogram, which the run's file speaks of");
    return undefined;
  }
  try {
    const log = parseHistogramLog(text);
    found.same("StartTime", log.startedAtMs, startedAtMs);
    found.same("Interval_Length", log.lengthSecs.toFixed(3), lengthSecs.toFixed(3));
    return log.record;
  } catch (error) {
    found.add("its form", describeError(error), "a histogram log of ours");
    return undefined;
  }
}

function checkSums(record: LatencyRecord, found: FileFindings): void {
  const { least, most } = record.measured.sumBounds();
  // Values above one hour are counted at one hour, so nothing bounds their sum from above.
  const isBounded = (record.measured.maxUs ?? 0) <= largestTrackableUs;
  for (const key of ["sumUs", "sumOfSquaresUs"] as const) {
    const holds = record[key] >= least[key] && (!isBounded || record[key] <= most[key]);
    const name = key === "sumUs" ? "sum_us" : "sum_of_squares_us2";
    found.holds(name, record[key], holds, `${least[key]} to ${most[key]}, by its buckets`);
  }
}

/** Late is what is later than the limit; a bucket that holds the limit may lie on either side. */
function checkLateSends(run: RunResult, record: LatencyRecord, found: FileFindings): void {
  const limitUs = run.parameters.limits.latenessFloorMs * 1000;
  const [least, most] = record.measured.countAbove(limitUs);
  const { lateSends } = run.ledger;
  const follows = least === most ? String(least) : `${least} to ${most}`;
  found.holds("ledger.late_sends", lateSends, lateSends >= least && lateSends <= most, follows);
}
