import type { SecondRow } from "../../../contracts/events.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { BacklogTrend } from "../../../metrics/stats/backlog.ts";
import { acknowledgedTotal, committedTotal, sentTotal } from "../../../metrics/stats/ledger.ts";
import { type LoggedInterval, parseIntervalLog } from "../../../metrics/stats/parse-hlog.ts";
import { eventsFile } from "../../bundle/events.ts";
import { secondsLogName } from "../../bundle/writer.ts";
import { secondColumn, secondsTable } from "../../schema/csv.ts";
import { buildRunJson } from "../../schema/run.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import type { FileFindings, Findings } from "../contents/findings.ts";
import type { StoredSecond } from "../contents/rows.ts";

/** Path of a run's headline latencies second by second. */
export const secondsLogOf = (run: RunResult) => `histograms/${secondsLogName(run.benchmarkNumber)}.hlog`;

/** A run's rows add up to its totals, follow from its histograms by second, and stand in its events too. */
export function checkSeconds({ runs, seconds, files, reported }: Contents, findings: Findings): void {
  for (const run of runs) {
    const rows = seconds.get(run.benchmarkNumber) ?? [];
    const found = findings.in(secondsTable.name);
    const ofRun = findings.in(fileOf(run));
    checkStarts(run, rows, found);
    checkSums(run, rows, { found, ofRun });
    checkBacklog(run, rows, ofRun);
    checkOrder(rows, found);
    const log = findings.in(secondsLogOf(run));
    checkHistograms(files.get(secondsLogOf(run)), { run, rows }, { found, log });
    const told = reported.get(run.benchmarkNumber)?.seconds ?? [];
    checkReported({ run, rows }, told, found);
    checkFailed({ run, rows }, told, findings.in(eventsFile));
  }
}

const value = (row: StoredSecond | undefined, column: string) => row?.values[column] ?? 0;
const keyOf = (row: StoredSecond, column: string) => `line ${row.line}, ${column}`;
const sum = (rows: readonly StoredSecond[], column: string) =>
  rows.reduce((total, row) => total + value(row, column), 0);

/** Whole seconds without a gap; where the window ends within one, the rest of it is a row of its own. */
function checkStarts(run: RunResult, rows: readonly StoredSecond[], found: FileFindings): void {
  const { durationSecs, warmUpSecs } = run.parameters;
  let next = Math.floor(-warmUpSecs);
  for (const row of rows) {
    found.same(keyOf(row, "second"), value(row, "second"), rounded(next));
    const whole = Math.floor(next) + 1;
    next = next < durationSecs && durationSecs < whole ? durationSecs : whole;
  }
  const isWhole = next >= durationSecs;
  found.holds(`run ${run.benchmarkNumber}`, rows.length, isWhole, "rows up to the end of the window");
}

/** The column behind a run's throughput. */
const observed = (run: RunResult) => (run.latencyKind === "commit" ? "committed" : "acknowledged");

const isOfWindow =
  ({ durationSecs }: RunResult["parameters"]) =>
  (row: StoredSecond) => {
    const second = value(row, "second");
    return Number.isInteger(second) && second >= 0 && second < durationSecs;
  };

function checkSums(
  run: RunResult,
  rows: readonly StoredSecond[],
  { found, ofRun }: Readonly<Record<"found" | "ofRun", FileFindings>>,
): void {
  const { ledger, parameters } = run;
  const ofWindow = rows.filter(isOfWindow(parameters));
  // Clients that were lost later have told of their seconds, and stand in no figure of the run.
  const lost = (run.evidence.lostClients ?? []).reduce((total, each) => total + each.windowTransactions, 0);
  const holdUpTo = (key: string, published: number, all: number, more: number) => {
    const follows = more === 0 ? String(all) : `at most ${all}, up to ${more} of which were lost`;
    ofRun.holds(key, published, published <= all && all <= published + more, follows);
  };
  const warmUpShare = lost === 0 ? 0 : sum(rows, "due") - sum(ofWindow, "due");
  const seen = sum(ofWindow, observed(run));
  holdUpTo("results.observed_in_window", run.observedInWindow, seen, lost + warmUpShare);
  holdUpTo("ledger.scheduled", ledger.scheduled, sum(ofWindow, "due"), lost);
  // Transactions of the warm-up are not in the ledger, and in the rows they are.
  const ofWarmUp = rows.filter((row) => value(row, "second") < 0);
  const extra = sum(ofWarmUp, "due");
  for (const [column, total] of [
    ["sent", sentTotal(ledger)],
    ["acknowledged", acknowledgedTotal(ledger)],
    ["committed", committedTotal(ledger)],
  ] as const) {
    const all = sum(rows, column);
    const isPossible = all >= total && all <= total + extra + lost;
    const follows = `${total} of the ledger, and at most ${extra + lost} of the warm-up and of lost clients`;
    found.holds(`run ${run.benchmarkNumber}, all of ${column}`, all, isPossible, follows);
  }
  const entered = run.segments.reduce(
    (total, { ofLivingNodes, ofDeadNodes }) => total + ofLivingNodes.scheduled + ofDeadNodes.scheduled,
    0,
  );
  if (run.segments.length > 0) {
    ofRun.same("results.stretches, all scheduled_transactions", entered, sum(rows, "due"));
  }
}

/** The slope of the backlog follows from the rows, as it did while they came. */
function checkBacklog(run: RunResult, rows: readonly StoredSecond[], found: FileFindings): void {
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
    found.same(`results.${key}`, results[key], follows[key]);
  }
}

/** Nothing is sent before it is due, and nothing acknowledged or committed before it is sent. */
function checkOrder(rows: readonly StoredSecond[], found: FileFindings): void {
  const totals = { due: 0, sent: 0, acknowledged: 0, committed: 0 };
  for (const row of rows) {
    for (const column of Object.keys(totals) as (keyof typeof totals)[]) totals[column] += value(row, column);
    for (const [later, earlier] of [
      ["sent", "due"],
      ["acknowledged", "sent"],
      ["committed", "sent"],
    ] as const) {
      const isInOrder = totals[later] <= totals[earlier];
      const follows = `at most ${totals[earlier]} up to here, which were ${earlier}`;
      found.holds(keyOf(row, later), totals[later], isInOrder, follows);
    }
  }
}

interface RunRows {
  readonly run: RunResult;
  readonly rows: readonly StoredSecond[];
}

interface HistogramFindings {
  readonly found: FileFindings;
  readonly log: FileFindings;
}

/** Rows and intervals stand in the same order, and are walked together: one histogram at a time is held. */
function checkHistograms(
  text: string | undefined,
  { run, rows }: RunRows,
  findings: HistogramFindings,
): void {
  const { log } = findings;
  if (text === undefined) {
    log.add("it", "nothing", "the latencies of each second");
    return;
  }
  try {
    const { startedAtMs, intervals } = parseIntervalLog(text);
    log.same("StartTime", startedAtMs, Date.parse(run.timestamp));
    let interval = intervals.next().value;
    const skipBefore = (second: number) => {
      for (; interval !== undefined && interval.startSecs < second; interval = intervals.next().value) {
        const key = `the interval at ${interval.startSecs} s`;
        log.add(key, "values", "nothing: timeseries.csv has no such row there");
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
    log.add("its form", describeError(error), "a histogram log of ours");
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
  { found, log }: HistogramFindings,
): void {
  const histogram = interval?.histogram;
  const count = histogram?.count ?? 0;
  found.same(keyOf(row, observed(run)), value(row, observed(run)), count);
  for (const [column, q] of [
    ["p50_ms", 0.5],
    ["p99_ms", 0.99],
  ] as const) {
    const follows = histogram === undefined || count === 0 ? undefined : histogram.quantile(q) / 1000;
    found.same(keyOf(row, column), row.values[column], follows);
  }
  if (interval === undefined || next === undefined) return;
  const second = value(row, "second");
  const lengthSecs = rounded(value(next, "second") - second);
  log.same(`the interval at ${second} s`, interval.lengthSecs, lengthSecs);
}

/** What such an event has beside its row: its envelope, and what is told while a run goes on alone. */
const besideRow: ReadonlySet<string> = new Set(["v", "seq", "failed"]);

/** Every row was an event before, and says the same. */
function checkReported({ run, rows }: RunRows, reported: readonly SecondRow[], found: FileFindings): void {
  found.same(`rows of run ${run.benchmarkNumber}`, rows.length, reported.length);
  for (const [index, row] of rows.entries()) {
    const columns = new Map<string, number>();
    for (const [field, follows] of Object.entries(reported[index] ?? {})) {
      const isOfRow = typeof follows === "number" && !besideRow.has(field);
      if (isOfRow) columns.set(secondColumn(field), rounded(follows));
    }
    for (const column of new Set([...columns.keys(), ...Object.keys(row.values)])) {
      if (column === "benchmark_number") continue;
      found.same(keyOf(row, column), row.values[column], columns.get(column));
    }
  }
}

/** What was due and never acknowledged has failed, sooner or later. Lost clients could not tell how theirs ended. */
function checkFailed({ run, rows }: RunRows, reported: readonly SecondRow[], found: FileFindings): void {
  if (reported.some(({ failed }) => failed === undefined)) return;
  const failed = reported.reduce((total, second) => total + (second.failed ?? 0), 0);
  const unanswered = sum(rows, "due") - sum(rows, "acknowledged");
  const hasLost = (run.evidence.lostClients ?? []).length > 0;
  const isPossible = hasLost ? failed <= unanswered : failed === unanswered;
  const follows = `${hasLost ? "at most " : ""}${unanswered}, due and not acknowledged`;
  found.holds(`run ${run.benchmarkNumber}, all of failed`, failed, isPossible, follows);
}
