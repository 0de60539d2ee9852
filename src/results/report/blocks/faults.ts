/** Crash faults in the reports: what was done to which nodes, and the run before, during and after it. */

import type { FaultOutcome, SegmentClients, SegmentResult } from "../../../contracts/results/faults.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import type { RunParameters } from "../../../contracts/results/run-parameters.ts";
import { formatAsked, formatFigure, formatForeign, formatQuantile, nothingSeen } from "../text/figures.ts";
import { formatTable, type TableColumn } from "../text/table.ts";

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

const right = (first: string, second = ""): TableColumn => ({ head: [first, second], align: "right" });
const left = (first: string): TableColumn => ({ head: [first, ""], align: "left" });
const seconds = (secs: number | undefined) => (secs === undefined ? nothingSeen : secs.toFixed(2));

const faultColumns: readonly TableColumn[] = [
  left("  Node"),
  left("Action"),
  right("Asked", "s"),
  right("Issued", "s"),
  right("Answers", "s"),
  right("Effective", "s"),
  right("First commit", "s"),
];

function faultRow(fault: FaultOutcome): string[] {
  const { askedSecs, issuedSecs, answersSecs, effectiveSecs, firstCommitSecs } = fault;
  const times = [askedSecs, issuedSecs, answersSecs, effectiveSecs, firstCommitSecs].map(seconds);
  return [`  ${formatForeign(fault.node)}`, fault.action, ...times];
}

const segmentColumns = (observed: boolean): readonly TableColumn[] => [
  right("  From", "s"),
  right("To", "s"),
  right("Offered", "tx/s"),
  right(observed ? "Committed" : "Acknowl.", "tx/s"),
  right("Failed"),
  right("p50", "ms"),
  right("p99", "ms"),
  left("Clients of"),
];

function segmentRows(segment: SegmentResult, nodes: number): string[][] {
  const { fromSecs, toSecs, nodesDown } = segment;
  const row = (clients: SegmentClients, whose: string) => {
    const rate = (count: number) => formatFigure(toSecs > fromSecs ? count / (toSecs - fromSecs) : 0);
    const { scheduled, successful, latency } = clients;
    const failed = String(scheduled - successful);
    const quantiles = [formatQuantile(latency.p50), formatQuantile(latency.p99)];
    const span = [fromSecs.toFixed(1), toSecs.toFixed(1)];
    return [...span, rate(scheduled), rate(successful), failed, ...quantiles, whose];
  };
  const living = nodes - nodesDown.length;
  const rows = [];
  if (living > 0) rows.push(row(segment.ofLivingNodes, `${living} up`));
  if (nodesDown.length > 0) rows.push(row(segment.ofDeadNodes, formatDown(nodesDown)));
  return rows;
}

/** Beyond this number of names a row would leave the screen; the table of faults has them all. */
const shownNames = 2;

function formatDown(names: readonly string[]): string {
  return names.length > shownNames
    ? `${names.length} down`
    : `${names.map(formatForeign).join(" and ")} down`;
}

/** Lines on the faults of a run, the last one empty; none where nothing was to fail and failover was off. */
export function faultSection({ parameters, faults, segments, redirected, latencyKind }: RunResult): string[] {
  if (parameters.faults === 0) {
    return parameters.failover ? [formatFailover(parameters, String(redirected)), ""] : [];
  }
  const isObserved = latencyKind === "commit";
  return [
    `FAULTS: ${formatFaultOptions(parameters)}`,
    `  ${formatFailover(parameters, String(redirected))}.`,
    formatTable(faultColumns, faults.map(faultRow)),
    "",
    `STRETCHES (transactions due in each, ${isObserved ? "committed" : "acknowledged"} at any time):`,
    formatTable(
      segmentColumns(isObserved),
      segments.flatMap((segment) => segmentRows(segment, parameters.nodes)),
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
