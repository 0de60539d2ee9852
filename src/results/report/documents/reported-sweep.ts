import type { SideRuns } from "../../../contracts/results/comparison.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import type { MeasuredSummary } from "../../schema/summary.ts";

/** A sweep at its end, as pipelines are told of it. */
export interface ReportedSweep {
  readonly summary: MeasuredSummary;
  /** A generator-limited run counts as failed. */
  readonly strict: boolean;
  /** Folder of its bundle; absent where nothing was kept. */
  readonly bundle?: string | undefined;
  readonly baseline?: SideRuns | undefined;
  /** Where several sweeps differ in what was varied: its names, and the values of this one. */
  readonly varied?: VariedPoint | undefined;
}

interface VariedPoint {
  readonly options: readonly string[];
  readonly values: readonly (number | string)[];
}

/** What tells a sweep from the others of its command: "local", "committee=4, transaction-size=128". */
export function nameSweep({ summary, varied }: Pick<ReportedSweep, "summary" | "varied">): string {
  if (varied === undefined) return summary.networkType;
  const { options, values } = varied;
  return formatForeign(options.map((name, place) => `${name}=${values[place]}`).join(", "));
}

/** What decides whether a sweep has failed. */
export interface JudgedSweep extends Pick<ReportedSweep, "strict"> {
  readonly summary: Pick<MeasuredSummary, "runs" | "search" | "assertions" | "endedEarly">;
}

/** Whether it ended early, a run or an assertion fails it, or its search found no sustained load at all. */
export function hasFailed(sweep: JudgedSweep): boolean {
  const { runs, assertions = [], endedEarly } = sweep.summary;
  return (
    endedEarly !== undefined ||
    foundNothing(sweep) ||
    runs.some((run) => isFailedRun(run, sweep)) ||
    assertions.some(({ passed }) => !passed)
  );
}

/**
 * Whether a run is one that fails its sweep. In place of one that a search made again the later one counts, unless nodes
 * disagreed in it, which is no hiccup of a machine.
 */
export function isFailedRun(run: MeasuredRun, { summary: { runs, search }, strict }: JudgedSweep): boolean {
  const { verdict } = run;
  const hasFork = isDriven(run) && run.safety !== undefined && run.safety.forks.length > 0;
  if (search !== undefined && !hasFork && runs.some((later) => isRepeated(run, later))) return false;
  return verdict.status === "invalid" || (strict && verdict.status === "generator-limited");
}

const isRepeated = (run: MeasuredRun, later: MeasuredRun) =>
  later.benchmarkNumber > run.benchmarkNumber && later.parameters.loadTps === run.parameters.loadTps;

/** Whether a search ended without a load that the network sustains. */
export function foundNothing({ summary: { search } }: JudgedSweep): boolean {
  return search !== undefined && search.sustainedTps === undefined;
}

/** "1 of 3 runs"; how many a search takes nobody knows before. */
export function countRuns(finished: number, planned: number | undefined): string {
  return planned === undefined ? `${finished} runs` : `${finished} of ${planned} runs`;
}

/** "2 of 3 runs valid, 1 of 3 runs invalid". */
export function describeRuns(runs: readonly MeasuredRun[]): string {
  if (runs.length === 0) return "no run finished";
  const statuses = Map.groupBy(runs, ({ verdict }) => verdict.status);
  return (["valid", "generator-limited", "invalid"] as const)
    .flatMap((status) => {
      const count = statuses.get(status)?.length ?? 0;
      return count === 0 ? [] : [`${count} of ${runs.length} runs ${status}`];
    })
    .join(", ");
}
