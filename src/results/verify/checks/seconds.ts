import type { RunResult } from "../../../contracts/results/result.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { BacklogTrend } from "../../../metrics/stats/backlog.ts";
import { acknowledgedTotal, committedTotal, sentTotal } from "../../../metrics/stats/ledger.ts";
import { type LoggedInterval, parseIntervalLog } from "../../../metrics/stats/parse-hlog.ts";
import { secondsLogName } from "../../bundle/writer.ts";
import { buildRunJson } from "../../schema/run.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import { runsInEvents } from "../contents/events.ts";
import type { Findings } from "../contents/findings.ts";
import { type StoredSecond, secondsFile } from "../contents/seconds.ts";

/** Path of a run's headline latencies second by second. */
export const secondsLogOf = (run: RunResult) => `histograms/${secondsLogName(run.benchmarkNumber)}.hlog`;

/** A run's rows add up to its totals, follow from its histograms by second, and stand in its events too. */
export function checkSeconds(contents: Contents, findings: Findings): void {
  for (const run of contents.runs) {
    const rows = contents.seconds.get(run.benchmarkNumber) ?? [];
    checkStarts(run, rows, findings);
    checkSums(run, rows, findings);
    checkBacklog(run, rows, findings);
    checkOrder(rows, findings);
    checkHistograms(contents, { run, rows }, findings);
    checkReported(contents, { run, rows }, findings);
  }
}

const value = (row: StoredSecond | undefined, column: string) => row?.values[column] ?? 0;
const placeOf = (row: StoredSecond, column: string) => ({
  file: secondsFile,
  key: `line ${row.line}, ${column}`,
});
const sum = (rows: readonly StoredSecond[], column: string) =>
  rows.reduce((total, row) => total + value(row, column), 0);

/** Whole seconds without a gap; where the window ends within one, the rest of it is a row of its own. */
function checkStarts(run: RunResult, rows: readonly StoredSecond[], findings: Findings): void {
  const { durationSecs, warmUpSecs } = run.parameters;
  let next = Math.floor(-warmUpSecs);
  for (const row of rows) {
    findings.same(placeOf(row, "second"), value(row, "second"), rounded(next));
    const whole = Math.floor(next) + 1;
    next = next < durationSecs && durationSecs < whole ? durationSecs : whole;
  }
  findings.holds({ file: secondsFile, key: `run ${run.benchmarkNumber}` }, rows.length, {
    holds: next >= durationSecs,
    follows: "rows up to the end of the window",
  });
}

/** The column behind a run's throughput. */
const observed = (run: RunResult) => (run.latencyKind === "commit" ? "committed" : "acknowledged");

const isOfWindow =
  ({ durationSecs }: RunResult["parameters"]) =>
  (row: StoredSecond) => {
    const second = value(row, "second");
    return Number.isInteger(second) && second >= 0 && second < durationSecs;
  };

function checkSums(run: RunResult, rows: readonly StoredSecond[], findings: Findings): void {
  const { ledger, parameters } = run;
  const file = fileOf(run);
  const ofWindow = rows.filter(isOfWindow(parameters));
  // Clients that were lost later have told of their seconds, and stand in no figure of the run.
  const lost = (run.evidence.lostClients ?? []).reduce((total, each) => total + each.windowTransactions, 0);
  const holdUpTo = (key: string, published: number, all: number, more: number) =>
    findings.holds({ file, key }, published, {
      holds: published <= all && all <= published + more,
      follows: more === 0 ? String(all) : `at most ${all}, up to ${more} of which were lost`,
    });
  const warmUpShare = lost === 0 ? 0 : sum(rows, "due") - sum(ofWindow, "due");
  holdUpTo(
    "results.observed_in_window",
    run.observedInWindow,
    sum(ofWindow, observed(run)),
    lost + warmUpShare,
  );
  holdUpTo("ledger.scheduled", ledger.scheduled, sum(ofWindow, "due"), lost);
  // Transactions of the warm-up are not in the ledger, and in the rows they are.
  const extra = sum(
    rows.filter((row) => value(row, "second") < 0),
    "due",
  );
  for (const [column, total] of [
    ["sent", sentTotal(ledger)],
    ["acknowledged", acknowledgedTotal(ledger)],
    ["committed", committedTotal(ledger)],
  ] as const) {
    const all = sum(rows, column);
    findings.holds({ file: secondsFile, key: `run ${run.benchmarkNumber}, all of ${column}` }, all, {
      holds: all >= total && all <= total + extra + lost,
      follows: `${total} of the ledger, and at most ${extra + lost} of the warm-up and of lost clients`,
    });
  }
  const entered = run.segments.reduce(
    (total, { ofLivingNodes, ofDeadNodes }) => total + ofLivingNodes.scheduled + ofDeadNodes.scheduled,
    0,
  );
  if (run.segments.length > 0) {
    findings.same({ file, key: "results.stretches, all scheduled_transactions" }, entered, sum(rows, "due"));
  }
}

/** The slope of the backlog follows from the rows, as it did while they came. */
function checkBacklog(run: RunResult, rows: readonly StoredSecond[], findings: Findings): void {
  const trend = new BacklogTrend(observed(run), run.parameters.durationSecs);
  for (const row of rows) {
    const [second, due] = [value(row, "second"), value(row, "due")];
    trend.add({ second, due, committed: value(row, "committed"), acknowledged: value(row, "acknowledged") });
  }
  const { offeredTps } = run;
  const { results } = buildRunJson(run);
  const { results: follows } = buildRunJson({
    ...run,
    backlogGrowthRatio: offeredTps && trend.growthRatio(offeredTps),
    backlogGrowthErrorRatio: offeredTps && trend.growthErrorRatio(offeredTps),
  });
  for (const key of ["backlog_growth_percent", "backlog_growth_error_percent"] as const) {
    findings.same({ file: fileOf(run), key: `results.${key}` }, results[key], follows[key]);
  }
}

/** Nothing is sent before it is due, and nothing acknowledged or committed before it is sent. */
function checkOrder(rows: readonly StoredSecond[], findings: Findings): void {
  const totals = { due: 0, sent: 0, acknowledged: 0, committed: 0 };
  for (const row of rows) {
    for (const column of Object.keys(totals) as (keyof typeof totals)[]) totals[column] += value(row, column);
    for (const [later, earlier] of [
      ["sent", "due"],
      ["acknowledged", "sent"],
      ["committed", "sent"],
    ] as const) {
      findings.holds(placeOf(row, later), totals[later], {
        holds: totals[later] <= totals[earlier],
        follows: `at most ${totals[earlier]} up to here, which were ${earlier}`,
      });
    }
  }
}

interface RunRows {
  readonly run: RunResult;
  readonly rows: readonly StoredSecond[];
}

/** Rows and intervals stand in the same order, and are walked together: one histogram at a time is held. */
function checkHistograms({ files }: Contents, { run, rows }: RunRows, findings: Findings): void {
  const file = secondsLogOf(run);
  const text = files.get(file);
  if (text === undefined) {
    findings.add({ file, key: "it" }, "nothing", "the latencies of each second");
    return;
  }
  try {
    const { startedAtMs, intervals } = parseIntervalLog(text);
    findings.same({ file, key: "StartTime" }, startedAtMs, Date.parse(run.timestamp));
    let interval = intervals.next().value;
    const skipBefore = (second: number) => {
      for (; interval !== undefined && interval.startSecs < second; interval = intervals.next().value) {
        const key = `the interval at ${interval.startSecs} s`;
        findings.add({ file, key }, "values", "nothing: timeseries.csv has no such row there");
      }
    };
    for (const [index, row] of rows.entries()) {
      const second = value(row, "second");
      skipBefore(second);
      const own = interval?.startSecs === second ? interval : undefined;
      checkHistogram({ run, row, next: rows[index + 1] }, own, findings);
      if (own !== undefined) interval = intervals.next().value;
    }
    skipBefore(Number.POSITIVE_INFINITY);
  } catch (error) {
    findings.add({ file, key: "its form" }, describeError(error), "a histogram log of ours");
  }
}

interface RunRow {
  readonly run: RunResult;
  readonly row: StoredSecond;
  readonly next: StoredSecond | undefined;
}

/** A second in which nothing was seen has no interval. */
function checkHistogram(
  { run, row, next }: RunRow,
  interval: LoggedInterval | undefined,
  findings: Findings,
): void {
  const histogram = interval?.histogram;
  const count = histogram?.count ?? 0;
  findings.same(placeOf(row, observed(run)), value(row, observed(run)), count);
  for (const [column, q] of [
    ["p50_ms", 0.5],
    ["p99_ms", 0.99],
  ] as const) {
    const follows = histogram === undefined || count === 0 ? undefined : histogram.quantile(q) / 1000;
    findings.same(placeOf(row, column), row.values[column], follows);
  }
  if (interval === undefined || next === undefined) return;
  const second = value(row, "second");
  const key = `the interval at ${second} s`;
  findings.same(
    { file: secondsLogOf(run), key },
    interval.lengthSecs,
    rounded(value(next, "second") - second),
  );
}

/** Column of an event's field: the same in snake case, but for one that says whose it is. */
function columnOf(field: string): string {
  if (field === "cpuRatio") return "generator_cpu_ratio";
  return field.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** What such an event has beside its row: its envelope, and what is told while a run goes on alone. */
const besideRow: ReadonlySet<string> = new Set(["v", "seq", "failed"]);

type ReportedSeconds = NonNullable<ReturnType<ReturnType<typeof runsInEvents>["get"]>>["seconds"];

/** Every row was an event before, and says the same. */
function checkReported({ events }: Contents, { run, rows }: RunRows, findings: Findings): void {
  const reported = runsInEvents(events).get(run.benchmarkNumber)?.seconds ?? [];
  const key = `rows of run ${run.benchmarkNumber}`;
  findings.same({ file: secondsFile, key }, rows.length, reported.length);
  for (const [index, row] of rows.entries()) {
    const columns = new Map<string, number>();
    for (const [field, follows] of Object.entries(reported[index] ?? {})) {
      const isOfRow = typeof follows === "number" && !besideRow.has(field);
      if (isOfRow) columns.set(columnOf(field), rounded(follows));
    }
    for (const column of new Set([...columns.keys(), ...Object.keys(row.values)])) {
      if (column === "benchmark_number") continue;
      findings.same(placeOf(row, column), row.values[column], columns.get(column));
    }
  }
  checkFailed({ run, rows }, reported, findings);
}

/** What was due and never acknowledged has failed, sooner or later. Lost clients could not tell how theirs ended. */
function checkFailed({ run, rows }: RunRows, reported: ReportedSeconds, findings: Findings): void {
  if (reported.some(({ failed }) => failed === undefined)) return;
  const failed = reported.reduce((total, second) => total + (second.failed ?? 0), 0);
  const unanswered = sum(rows, "due") - sum(rows, "acknowledged");
  const hasLost = (run.evidence.lostClients ?? []).length > 0;
  findings.holds({ file: "events.ndjson", key: `run ${run.benchmarkNumber}, all of failed` }, failed, {
    holds: hasLost ? failed <= unanswered : failed === unanswered,
    follows: `${hasLost ? "at most " : ""}${unanswered}, due and not acknowledged`,
  });
}
