import type { SecondRow } from "../../../contracts/events.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { BacklogTrend } from "../../../metrics/stats/backlog.ts";
import { bucketLatency } from "../../../metrics/stats/latency-buckets.ts";
import { acknowledgedTotal, committedTotal, sentTotal } from "../../../metrics/stats/ledger.ts";
import { type LoggedInterval, parseIntervalLog } from "../../../metrics/stats/parse-hlog.ts";
import { eventsFile } from "../../bundle/events.ts";
import { secondsLogName } from "../../bundle/writer.ts";
import { secondColumn, secondsTable } from "../../schema/csv.ts";
import { runFileName } from "../../schema/published-run.ts";
import { buildRunJson } from "../../schema/run.ts";
import type { Contents } from "../contents/contents.ts";
import type { FileFindings, Findings } from "../contents/findings.ts";
import type { StoredSecond } from "../contents/rows.ts";

/** Path of a run's headline latencies second by second. */
export const secondsLogOf = (run: RunResult) => `histograms/${secondsLogName(run.benchmarkNumber)}.hlog`;

/** A run's rows add up to its totals, follow from its histograms by second, and stand in its events too. */
export function checkSeconds({ runs, seconds, files, reported }: Contents, findings: Findings): void {
  for (const run of runs) {
    const all: RunSeconds = {
      run,
      rows: seconds.get(run.benchmarkNumber) ?? [],
      told: reported.get(run.benchmarkNumber)?.seconds ?? [],
      log: files.get(secondsLogOf(run)),
      inTable: findings.in(secondsTable.name),
      inRun: findings.in(runFileName(run)),
      inLog: findings.in(secondsLogOf(run)),
      inEvents: findings.in(eventsFile),
    };
    checkStarts(all);
    checkSums(all);
    checkBacklog(all);
    checkOrder(all);
    checkHistograms(all);
    checkTold(all);
    checkFailed(all);
  }
}

/** What is said of a run's seconds, and where. */
interface RunSeconds extends Readonly<Record<"inTable" | "inRun" | "inLog" | "inEvents", FileFindings>> {
  readonly run: RunResult;
  readonly rows: readonly StoredSecond[];
  /** By events. */
  readonly told: readonly SecondRow[];
  /** Text of its histograms by second, where it is there. */
  readonly log: string | undefined;
}

const value = (row: StoredSecond | undefined, column: string) => row?.values[column] ?? 0;
const keyOf = (row: StoredSecond, column: string) => `line ${row.line}, ${column}`;
const sum = (rows: readonly StoredSecond[], column: string) =>
  rows.reduce((total, row) => total + value(row, column), 0);

/** Whole seconds without a gap; where the window ends within one, the rest of it is a row of its own. */
function checkStarts({ run, rows, inTable }: RunSeconds): void {
  const { durationSecs, warmUpSecs } = run.parameters;
  let next = Math.floor(-warmUpSecs);
  for (const row of rows) {
    inTable.same(keyOf(row, "second"), value(row, "second"), rounded(next));
    const whole = Math.floor(next) + 1;
    next = next < durationSecs && durationSecs < whole ? durationSecs : whole;
  }
  const isWhole = next >= durationSecs;
  inTable.holds(`run ${run.benchmarkNumber}`, rows.length, isWhole, "rows up to the end of the window");
}

/** The column behind a run's throughput. */
const observed = (run: RunResult) => (run.latencyKind === "commit" ? "committed" : "acknowledged");

function checkSums({ run, rows, inTable, inRun }: RunSeconds): void {
  const { ledger } = run;
  const ofWindow = rows.filter((row) => {
    const second = value(row, "second");
    return Number.isInteger(second) && second >= 0 && second < run.parameters.durationSecs;
  });
  // Clients that were lost later have told of their seconds, and stand in no figure of the run.
  const lost = (run.evidence.lostClients ?? []).reduce((total, each) => total + each.windowTransactions, 0);
  const holdUpTo = (key: string, published: number, all: number, more: number) => {
    const follows = more === 0 ? String(all) : `at most ${all}, up to ${more} of which were lost`;
    inRun.holds(key, published, published <= all && all <= published + more, follows);
  };
  const warmUpShare = lost === 0 ? 0 : sum(rows, "due") - sum(ofWindow, "due");
  const seen = sum(ofWindow, observed(run));
  holdUpTo("results.observed_in_window", run.observedInWindow, seen, lost + warmUpShare);
  holdUpTo("ledger.scheduled", ledger.scheduled, sum(ofWindow, "due"), lost);
  // Transactions of the warm-up are not in the ledger, and in the rows they are.
  const ofWarmUp = rows.filter((row) => value(row, "second") < 0);
  const extra = sum(ofWarmUp, "due") + lost;
  for (const [column, total] of [
    ["sent", sentTotal(ledger)],
    ["acknowledged", acknowledgedTotal(ledger)],
    ["committed", committedTotal(ledger)],
  ] as const) {
    const all = sum(rows, column);
    const isPossible = all >= total && all <= total + extra;
    const follows = `${total} of the ledger, and at most ${extra} of the warm-up and of lost clients`;
    inTable.holds(`run ${run.benchmarkNumber}, all of ${column}`, all, isPossible, follows);
  }
  const entered = run.segments.reduce(
    (total, { ofLivingNodes, ofDeadNodes }) => total + ofLivingNodes.scheduled + ofDeadNodes.scheduled,
    0,
  );
  if (run.segments.length > 0) {
    inRun.same("results.stretches, all scheduled_transactions", entered, sum(rows, "due"));
  }
}

/** The slope of the backlog follows from the rows, as it did while they came. */
function checkBacklog({ run, rows, inRun }: RunSeconds): void {
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
    inRun.same(`results.${key}`, results[key], follows[key]);
  }
}

/** Nothing is sent before it is due, and nothing acknowledged or committed before it is sent. */
function checkOrder({ rows, inTable }: RunSeconds): void {
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
      inTable.holds(keyOf(row, later), totals[later], isInOrder, follows);
    }
  }
}

/** Rows and intervals stand in the same order, and are walked together: one histogram at a time is held. */
function checkHistograms(all: RunSeconds): void {
  const { run, rows, log, inLog } = all;
  if (log === undefined) {
    inLog.add("it", "nothing", "the latencies of each second");
    return;
  }
  try {
    const { startedAtMs, intervals } = parseIntervalLog(log);
    inLog.same("StartTime", startedAtMs, Date.parse(run.timestamp));
    let interval = intervals.next().value;
    const skipBefore = (second: number) => {
      for (; interval !== undefined && interval.startSecs < second; interval = intervals.next().value) {
        const key = `the interval at ${interval.startSecs} s`;
        inLog.add(key, "values", "nothing: timeseries.csv has no such row there");
      }
    };
    for (const [index, row] of rows.entries()) {
      const second = value(row, "second");
      skipBefore(second);
      const own = interval?.startSecs === second ? interval : undefined;
      checkHistogram(all, index, own);
      if (own !== undefined) interval = intervals.next().value;
    }
    skipBefore(Number.POSITIVE_INFINITY);
  } catch (error) {
    inLog.add("its form", describeError(error), "a histogram log of ours");
  }
}

/** A second in which nothing was seen has no interval. @param index of its row */
function checkHistogram(all: RunSeconds, index: number, interval: LoggedInterval | undefined): void {
  const { run, rows, inTable, inLog } = all;
  const [row, next] = rows.slice(index, index + 2);
  if (row === undefined) return;
  const histogram = interval?.histogram;
  const count = histogram?.count ?? 0;
  inTable.same(keyOf(row, observed(run)), value(row, observed(run)), count);
  for (const [column, q] of [
    ["p50_ms", 0.5],
    ["p99_ms", 0.99],
  ] as const) {
    const follows = histogram === undefined || count === 0 ? undefined : histogram.quantile(q) / 1000;
    inTable.same(keyOf(row, column), row.values[column], follows);
  }
  if (interval === undefined) return;
  checkBuckets(all, index, interval);
  if (next === undefined) return;
  const second = value(row, "second");
  const lengthSecs = rounded(value(next, "second") - second);
  inLog.same(`the interval at ${second} s`, interval.lengthSecs, lengthSecs);
}

/** An event has the second's latencies by few buckets; those of earlier bundles have none. */
function checkBuckets({ told, inEvents }: RunSeconds, index: number, { histogram }: LoggedInterval): void {
  const { second, latencyCounts, latencySumMs } = told[index] ?? {};
  if (latencyCounts === undefined) return;
  const { counts, sumMs } = bucketLatency(histogram);
  inEvents.sameJson(`latencyCounts of second ${second}`, latencyCounts, counts);
  inEvents.same(`latencySumMs of second ${second}`, rounded(latencySumMs ?? Number.NaN), rounded(sumMs));
}

/** What such an event has beside its row: its envelope, and what is told while a run goes on alone. */
const besideRow: ReadonlySet<string> = new Set(["v", "seq", "failed", "latencySumMs"]);

/** Every row was an event before, and says the same. */
function checkTold({ run, rows, told, inTable }: RunSeconds): void {
  inTable.same(`rows of run ${run.benchmarkNumber}`, rows.length, told.length);
  for (const [index, row] of rows.entries()) {
    const columns = new Map<string, number>();
    for (const [field, follows] of Object.entries(told[index] ?? {})) {
      const isOfRow = typeof follows === "number" && !besideRow.has(field);
      if (isOfRow) columns.set(secondColumn(field), rounded(follows));
    }
    for (const column of new Set([...columns.keys(), ...Object.keys(row.values)])) {
      if (column === "benchmark_number") continue;
      inTable.same(keyOf(row, column), row.values[column], columns.get(column));
    }
  }
}

/** What was due and never acknowledged has failed, sooner or later. Lost clients could not tell how theirs ended. */
function checkFailed({ run, rows, told, inEvents }: RunSeconds): void {
  if (told.some(({ failed }) => failed === undefined)) return;
  const failed = told.reduce((total, second) => total + (second.failed ?? 0), 0);
  const unanswered = sum(rows, "due") - sum(rows, "acknowledged");
  const hasLost = (run.evidence.lostClients ?? []).length > 0;
  const isPossible = hasLost ? failed <= unanswered : failed === unanswered;
  const follows = `${hasLost ? "at most " : ""}${unanswered}, due and not acknowledged`;
  inEvents.holds(`run ${run.benchmarkNumber}, all of failed`, failed, isPossible, follows);
}
