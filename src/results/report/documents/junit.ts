import type { AssertionOutcome } from "../../../contracts/results/assertion.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { formatAssertion } from "../../../options/rules/assertion.ts";
import { formatAsserted, formatLimit } from "../blocks/assertions.ts";
import { formatSearch } from "../blocks/search.ts";
import { nameLoad } from "../text/load.ts";
import { formatTestSuites, type TestCase, type TestSuite, type Trouble } from "../text/test-suites.ts";
import { countRuns, foundNothing, isFailedRun, nameSweep, type ReportedSweep } from "./reported-sweep.ts";

/**
 * JUnit XML, as Jenkins and GitLab read it: a suite for each sweep and each of its loads, a case for each run's verdict
 * and each assertion. An invalid run has failed; a generator-limited one only where that was to count.
 */
export const formatJunit = (sweeps: readonly ReportedSweep[]): string =>
  formatTestSuites(sweeps.flatMap(suitesOf));

function suitesOf(sweep: ReportedSweep): TestSuite[] {
  const { runs, assertions = [], startedAt } = sweep.summary;
  const own = nameSweep(sweep);
  const byLoad = Map.groupBy<number, MeasuredRun>(runs, ({ parameters }) => parameters.loadTps);
  const loads = new Set([...byLoad.keys(), ...assertions.map(({ loadTps }) => loadTps)]);
  const suites = [...loads].map((loadTps) => {
    const ofLoad = byLoad.get(loadTps) ?? [];
    return {
      name: `${own} ${nameLoad(loadTps, runs)}`,
      startedAt: ofLoad[0]?.timestamp ?? startedAt,
      cases: [
        ...ofLoad.map((run) => runCase(run, sweep)),
        ...assertions.filter((outcome) => outcome.loadTps === loadTps).map(assertionCase),
      ],
    };
  });
  return [{ name: `${own} sweep`, startedAt, cases: [sweepCase(sweep), ...searchCase(sweep)] }, ...suites];
}

/** It took what was neither warm-up nor window: networks that come and go, and drains. */
function sweepCase({ summary }: ReportedSweep): TestCase {
  const { startedAt, finishedAt, runs, plannedRuns, endedEarly } = summary;
  const message = `ended early, after ${countRuns(runs.length, plannedRuns)}`;
  return {
    name: "all runs finish",
    secs: Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 - total(runs.map(secsOf))),
    trouble:
      endedEarly === undefined
        ? undefined
        : { kind: "error", type: "ended-early", message, text: endedEarly },
  };
}

function searchCase(sweep: ReportedSweep): TestCase[] {
  const { search, runs } = sweep.summary;
  if (search === undefined) return [];
  const text = formatSearch(search, runs.filter(isDriven));
  const trouble = foundNothing(sweep) ? failure("search", "no load is sustained", text) : undefined;
  return [{ name: "a load is sustained", secs: 0, trouble, output: trouble ? undefined : text }];
}

const failure = (type: string, message: string, text: string): Trouble => ({
  kind: "failure",
  type,
  message,
  text,
});

function runCase(run: MeasuredRun, sweep: ReportedSweep): TestCase {
  const { status, reasons } = run.verdict;
  const reported = reasons.join("\n");
  const message = `${status}: ${reasons[0] ?? "no reason"}`;
  const trouble = isFailedRun(run, sweep) ? failure(status, message, reported) : undefined;
  return {
    name: `run ${run.benchmarkNumber}: verdict`,
    secs: secsOf(run),
    trouble,
    output: status !== "valid" && trouble === undefined ? `${status}: ${reported}` : undefined,
  };
}

const secsOf = ({ parameters }: MeasuredRun) => parameters.warmUpSecs + parameters.durationSecs;
const total = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

function assertionCase(outcome: AssertionOutcome): TestCase {
  const { assertion, value, passed, reason } = outcome;
  const text = formatAssertion(assertion);
  const shown = `value ${formatAsserted(assertion.metric, value)}, limit ${formatLimit(outcome)}`;
  const trouble = passed ? undefined : failure("assertion", reason ?? shown, `${text}: ${shown}`);
  return { name: text, secs: 0, trouble, output: passed ? shown : undefined };
}
