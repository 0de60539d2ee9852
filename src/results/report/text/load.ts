/** A run's load in the reports: what was offered, how it changed, and how its parts went. */
import {
  type LoadPhase,
  type LoadProfile,
  loadKindOf,
  loadUnits,
  type MeasuredLoadKind,
  type OpenProfile,
} from "../../../contracts/load/load-profile.ts";
import type { SegmentClients } from "../../../contracts/results/faults.ts";
import type { PhaseResult, RunResult } from "../../../contracts/results/result.ts";
import type { RunParameters } from "../../../contracts/results/run-parameters.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { headlineOf, isOfFlows, isOfMessages, type LoadedRun } from "../../../metrics/stats/run-metrics.ts";
import { formatAsked, formatFigure, formatPercent, formatQuantile, nothingSeen, seen } from "./figures.ts";
import { type Column, formatTable, left, right } from "./table.ts";

/** "100 tx/s"; of a closed loop "64 in flight". */
export function formatLoadOf(loadTps: number, kind: MeasuredLoadKind): string {
  return `${formatAsked(loadTps)} ${loadUnits[kind]}`;
}

export function formatLoad({ loadTps, profile }: Pick<RunParameters, "loadTps" | "profile">): string {
  return formatLoadOf(loadTps, loadKindOf(profile));
}

/** Unit of loads that are messages among peers. */
export const messageUnit = "messages/s";

/** Unit of loads that are flows between hosts. */
export const packetUnit = "packets/s";

/** What the loads of a sweep's runs are counted in: "tx/s". */
export function loadUnitOf([run]: readonly LoadedRun[]): string {
  if (run !== undefined && isOfFlows(run)) return packetUnit;
  if (run !== undefined && isOfMessages(run)) return messageUnit;
  return loadUnits[run?.kind ?? "open-loop"];
}

/** Of a closed loop, too, throughput is per second. */
export const throughputUnitOf = (runs: readonly LoadedRun[]) =>
  runs[0]?.kind === "closed-loop" ? "tx/s" : loadUnitOf(runs);

/** The same by the runs of a sweep, which all have one profile. */
export function nameLoad(loadTps: number, runs: readonly LoadedRun[]): string {
  return `${formatAsked(loadTps)} ${loadUnitOf(runs)}`;
}

export function loadHead(runs: readonly LoadedRun[]): readonly [string, string] {
  return [runs[0]?.kind === "closed-loop" ? "Closed" : "Load", loadUnitOf(runs)];
}

/** What a profile does to the load, in a few words; none of a load that stays as it was given. */
export function describeProfile(profile: LoadProfile): string | undefined {
  if (profile.kind === "closed") return "closed loop: each reply triggers the next request";
  if (profile.kind === "phases") return `phases ${profile.phases.map(describePhase).join(", ")}`;
  return profile.kind === "constant" && profile.level === 1 ? undefined : describeOpen(profile);
}

function describePhase({ name, durationSecs, profile }: LoadPhase): string {
  return `${formatForeign(name)} (${formatAsked(durationSecs)}s, ${describeOpen(profile)})`;
}

function describeOpen(profile: OpenProfile): string {
  const times = (level: number) => `×${formatAsked(level)}`;
  switch (profile.kind) {
    case "constant":
      return times(profile.level);
    case "ramp":
      return `ramp from ${times(profile.from)} to ${times(profile.to)}`;
    case "steps":
      return `steps ${profile.levels.map(times).join(", ")}`;
    case "bursts": {
      const { base, burst, burstSecs, periodSecs } = profile;
      return `bursts of ${times(burst)} for ${formatAsked(burstSecs)}s of every ${formatAsked(periodSecs)}s, else ${times(base)}`;
    }
    case "sine":
      return `sine from ${times(profile.from)} to ${times(profile.to)} and back every ${formatAsked(profile.periodSecs)}s`;
    case "trace":
      return `trace of ${profile.points.length} levels`;
  }
}

/** Lines on the load of a run below the load itself; none where it stays as it was given. */
export function offeredLines({ parameters, offeredTps }: RunResult): string[] {
  const words = describeProfile(parameters.profile);
  if (words === undefined) return [];
  const offered =
    offeredTps === undefined ? [] : [`Offered Load: ${formatFigure(offeredTps)} tx/s on average`];
  return [`Load Profile: ${words}`, ...offered];
}

/** One line on what a closed loop's latency leaves out. */
export function closedLoopLine({ kind }: Pick<RunResult, "kind">): string[] {
  return kind === "closed-loop"
    ? ["  Closed loop: a slow network delays the next send, so that wait is not part of any latency here."]
    : [];
}

/** Lines below the table of a sweep: what was offered where that is not the load. */
export function offeredCaption(runs: readonly RunResult[]): string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const words = describeProfile(first.parameters.profile);
  if (words === undefined) return [];
  const offered = runs.flatMap(({ offeredTps }) =>
    offeredTps === undefined ? [] : [formatFigure(offeredTps)],
  );
  const profile = `Load profile: ${words}`;
  return offered.length === 0 ? [profile] : [profile, `Offered on average: ${offered.join(", ")} tx/s`];
}

/** From here on a reader asks what became of the rest of 100 %, or where more than that came from. */
const leastEdgeRatio = 0.005;

/**
 * By how many commits throughput is above or below what was due, for nothing but where the window begins and ends:
 * commits come by blocks, and a block is in the window or not. Undefined where that is little, and where efficiency has
 * another reason: transactions that did not commit at all, or a backlog that grew.
 */
function edgeCommits(run: RunResult): number | undefined {
  const { efficiencyRatio, observedInWindow, ledger, failed } = run;
  if (efficiencyRatio === undefined || (efficiencyRatio < 1 && failed > 0)) return undefined;
  const { backlogGrowthRatio: growth = 0, backlogGrowthErrorRatio: error = Number.POSITIVE_INFINITY } = run;
  const laggingRatio = growth > error ? growth : 0;
  const edgeRatio = efficiencyRatio - 1 + laggingRatio;
  return Math.abs(edgeRatio) < leastEdgeRatio ? undefined : observedInWindow - ledger.scheduled;
}

const seenAs = ({ latencyKind }: RunResult) => (latencyKind === "commit" ? "commits" : "replies");

/** The line below an efficiency on what the edges of the window make of it; none where that is little. */
export function edgeSection(run: RunResult): string[] {
  const more = edgeCommits(run);
  if (more === undefined) return [];
  const what = seenAs(run);
  return more > 0
    ? [`  Window's edges: ${more} more ${what} came in from the warm-up than fell behind the window.`]
    : [
        `  Window's edges: ${-more} more ${what} fell behind the window than came in from the warm-up; none failed.`,
      ];
}

/** Runs that the line below a table names; each run's own block has its figure. */
const mostNamed = 4;

/** A line below a table with such runs. */
export function edgeCaption(runs: readonly RunResult[]): string[] {
  const found = runs.flatMap((run) => {
    const more = edgeCommits(run);
    return more === undefined ? [] : [`run ${run.benchmarkNumber} ${more > 0 ? "+" : ""}${more}`];
  });
  if (found.length === 0) return [];
  const others = found.length > mostNamed ? `, and ${found.length - mostNamed} more` : "";
  const [first] = runs;
  const what = first === undefined ? "" : seenAs(first);
  return [`Net ${what} across the window's edges: ${found.slice(0, mostNamed).join(", ")}${others}`];
}

/** What every table of runs shows of one. */
export const runColumns = {
  throughput: right<RunResult>("Throughput\ntx/s", ({ throughputTps }) => formatFigure(throughputTps)),
  efficiency: right<RunResult>("Efficiency", ({ efficiencyRatio }) => seen(efficiencyRatio, formatPercent)),
  mean: right<RunResult>("Avg\nms", (run) => seen(headlineOf(run)?.meanMs, formatFigure)),
  p50: right<RunResult>("p50\nms", (run) => formatQuantile(headlineOf(run)?.p50)),
  p99: right<RunResult>("p99\nms", (run) => formatQuantile(headlineOf(run)?.p99)),
} as const;

/** What every table of parts of a window shows of one. */
export const partColumns = {
  to: right<{ readonly toSecs: number }>("To\ns", ({ toSecs }) => toSecs.toFixed(1)),
  failed: right<SegmentClients>("Failed", ({ scheduled, successful }) => String(scheduled - successful)),
  p50: right<SegmentClients>("p50\nms", ({ latency }) => formatQuantile(latency.p50)),
  p99: right<SegmentClients>("p99\nms", ({ latency }) => formatQuantile(latency.p99)),
} as const;

const rate = (count: number, { fromSecs, toSecs }: PhaseResult) =>
  toSecs > fromSecs ? formatFigure(count / (toSecs - fromSecs)) : nothingSeen;

/** A phase, a row each. @param observed whether commits could be */
export const phaseColumns = (observed: boolean): readonly Column<PhaseResult>[] => [
  left("  Phase", ({ name }) => `  ${formatForeign(name)}`),
  right("From\ns", ({ fromSecs }) => fromSecs.toFixed(1)),
  partColumns.to,
  right("Offered\ntx/s", (phase) => rate(phase.scheduled, phase)),
  right("Throughput\ntx/s", (phase) => rate(phase.observed, phase)),
  right(observed ? "Committed" : "Acknowl.", ({ successful }) => String(successful)),
  partColumns.failed,
  partColumns.p50,
  partColumns.p99,
];

/** Lines on the phases of a run, the last one empty; none where it has none. */
export function phaseSection({ phases, latencyKind }: RunResult): string[] {
  if (phases.length === 0) return [];
  const isObserved = latencyKind === "commit";
  return [
    `PHASES (transactions due in each; throughput: ${isObserved ? "commits" : "acknowledgements"} seen in its time):`,
    formatTable(phaseColumns(isObserved), phases),
    "",
  ];
}
