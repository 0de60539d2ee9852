/** Crash faults in the reports: what was done to which nodes, and the run before, during and after it. */

import type { FaultOutcome, SegmentClients, SegmentResult } from "../../../contracts/results/faults.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import type { RunParameters } from "../../../contracts/results/run-parameters.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatAsked, formatFigure, seen } from "../text/figures.ts";
import { partColumns } from "../text/load.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

type FaultOptions = Pick<
  RunParameters,
  "nodes" | "faults" | "crashRecovery" | "crashIntervalSecs" | "failover"
>;

/** "2 of 7 nodes crash at the start": what was asked for, in a line. */
export function formatFaultOptions({
  nodes,
  faults,
  crashRecovery,
  crashIntervalSecs,
}: FaultOptions): string {
  if (faults === 0) return "none";
  const verb = faults === 1 ? "crashes" : "crash";
  return crashRecovery
    ? `${faults} of ${nodes} nodes at a time ${verb}, from the start on, for ${formatAsked(crashIntervalSecs)}s each`
    : `${faults} of ${nodes} nodes ${verb} at the start`;
}

/** What becomes of a dead node's share of the load, where that was of any account. */
export function formatFailover({ failover }: Pick<FaultOptions, "failover">, redirected: string): string {
  return failover
    ? `Failover: ${redirected} transactions went to the next node`
    : "No failover: transactions of a crashed node fail";
}

const time = (head: string, of: keyof FaultOutcome & `${string}Secs`) =>
  right<FaultOutcome>(`${head}\ns`, (fault) => seen(fault[of], (secs) => secs.toFixed(2)));

/** A fault, a row each. */
export const faultColumns: readonly Column<FaultOutcome>[] = [
  left("  Node", ({ node }) => `  ${formatForeign(node)}`),
  left("Action", ({ action }) => action),
  time("Asked", "askedSecs"),
  time("Issued", "issuedSecs"),
  time("Answers", "answersSecs"),
  time("Effective", "effectiveSecs"),
  time("First commit", "firstCommitSecs"),
];

type Side = SegmentClients & Pick<SegmentResult, "fromSecs" | "toSecs"> & { readonly whose: string };

function rate(count: number, { fromSecs, toSecs }: Side): string {
  return formatFigure(toSecs > fromSecs ? count / (toSecs - fromSecs) : 0);
}

const segmentColumns = (observed: boolean): readonly Column<Side>[] => [
  right("  From\ns", ({ fromSecs }) => fromSecs.toFixed(1)),
  partColumns.to,
  right("Offered\ntx/s", (side) => rate(side.scheduled, side)),
  right(observed ? "Committed\ntx/s" : "Acknowl.\ntx/s", (side) => rate(side.successful, side)),
  partColumns.failed,
  partColumns.p50,
  partColumns.p99,
  left("Clients of", ({ whose }) => whose),
];

function sidesOf(segment: SegmentResult, nodes: number): Side[] {
  const { fromSecs, toSecs, nodesDown, ofLivingNodes, ofDeadNodes } = segment;
  const living = nodes - nodesDown.length;
  const up = { fromSecs, toSecs, ...ofLivingNodes, whose: `${living} up` };
  const down = { fromSecs, toSecs, ...ofDeadNodes, whose: formatDown(nodesDown) };
  return [...(living > 0 ? [up] : []), ...(nodesDown.length > 0 ? [down] : [])];
}

/** Beyond this number of names a row would leave the screen; the table of faults has them all. */
const shownNames = 2;

function formatDown(names: readonly string[]): string {
  return names.length > shownNames
    ? `${names.length} down`
    : `${names.map(formatForeign).join(" and ")} down`;
}

const byTimeline = "by the timeline";

/** Lines on what a timeline did to nodes that make the load, the last one empty; none where it did nothing. */
export function nativeFaultSection({ faults }: NativeResult): string[] {
  return faults.length === 0 ? [] : [`FAULTS: ${byTimeline}`, formatTable(faultColumns, faults), ""];
}

/** Lines on the faults of a run, the last one empty; none where nothing was to fail and failover was off. */
export function faultSection({ parameters, faults, segments, redirected, latencyKind }: RunResult): string[] {
  if (faults.length === 0) {
    return parameters.failover ? [formatFailover(parameters, String(redirected)), ""] : [];
  }
  const isObserved = latencyKind === "commit";
  return [
    `FAULTS: ${parameters.faults > 0 ? formatFaultOptions(parameters) : byTimeline}`,
    `  ${formatFailover(parameters, String(redirected))}.`,
    formatTable(faultColumns, faults),
    "",
    `SEGMENTS (transactions due in each, ${isObserved ? "committed" : "acknowledged"} at any time):`,
    formatTable(
      segmentColumns(isObserved),
      segments.flatMap((segment) => sidesOf(segment, parameters.nodes)),
    ),
    "",
  ];
}

/** Lines below the table of a sweep: what failed, and what became of the dead nodes' load. */
export function faultCaption(results: readonly RunResult[]): string[] {
  const [first] = results;
  if (first === undefined) return [];
  const { parameters } = first;
  const redirected = results.map((result) => result.redirected).join(", ");
  const isSaid = parameters.faults > 0 || parameters.failover;
  return [
    ...(parameters.faults > 0 ? [`Faults: ${formatFaultOptions(parameters)}`] : []),
    ...(isSaid ? [formatFailover(parameters, redirected)] : []),
  ];
}
