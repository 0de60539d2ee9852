import type { MeasuredRun } from "../../../contracts/results/native.ts";
import { type LostClients, lostClientsForm, type Verdict } from "../../../contracts/results/verdict.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { judgeNative } from "../../analysis/verdict/native-verdict.ts";
import { evidenceOf, judgeRun } from "../../analysis/verdict/verdict.ts";
import { type Contents, fileOf, ofEachRun } from "../contents/contents.ts";
import type { FileFindings, Findings } from "../contents/findings.ts";

const lostJson = (lost: LostClients) => writeForm(lostClientsForm, lost);

/** Judges every run again, by the evidence in its file, and holds the evidence to parameters, nodes and events. */
export const checkVerdicts = ofEachRun((run, found, { parameters, reported }) => {
  const { evidence, ledger } = run;
  sameVerdict(run, judgeRun(evidenceOf(run), run.parameters.limits), found);
  if (parameters !== undefined) {
    const { windowTransactions } = phaseLengths(parameters, run.parameters.loadTps);
    // Of a closed loop, which has no schedule, what it sent was due.
    const due = run.kind === "closed-loop" ? ledger.scheduled : windowTransactions;
    found.same("evidence.window_transactions", evidence.windowTransactions, due);
  }
  sameExits(run, new Set(evidence.nodeExits.map(({ node }) => node)), found);
  const events = reported.get(run.benchmarkNumber)?.all ?? [];
  const exits = events
    .filter((event) => event.type === "node-exited")
    .map(({ node, exitCode, signal }) => ({ node, exitCode, signal }));
  found.sameJson("evidence.node_exits", evidence.nodeExits, exits);
  const lost = events.filter((event) => event.type === "clients-lost").map(lostJson);
  found.sameJson("evidence.lost_clients", (evidence.lostClients ?? []).map(lostJson), lost);
});

/** The same of loads that the nodes made: what became of them is held to the events. */
export function checkNativeVerdicts({ nativeRuns, reported }: Contents, findings: Findings): void {
  for (const run of nativeRuns) {
    const found = findings.in(fileOf(run));
    sameVerdict(run, judgeNative(run), found);
    const all = reported.get(run.benchmarkNumber)?.all ?? [];
    const exits = all.filter((event) => event.type === "node-exited");
    sameExits(run, new Set(exits.map(({ node }) => node)), found);
  }
}

function sameVerdict(
  { verdict }: MeasuredRun,
  { status, reasons }: Omit<Verdict, "limits">,
  found: FileFindings,
) {
  found.same("verdict.status", verdict.status, status);
  found.sameJson("verdict.reasons", verdict.reasons, reasons);
}

function sameExits({ nodes }: MeasuredRun, ended: ReadonlySet<string>, found: FileFindings): void {
  for (const [index, { name, exitedUnasked }] of nodes.entries()) {
    found.same(`nodes[${index}].exited_unasked`, exitedUnasked, ended.has(name));
  }
}
