import { type LostClients, lostClientsForm } from "../../../contracts/results/verdict.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { judgeNative } from "../../analysis/verdict/native-verdict.ts";
import { evidenceOf, judgeRun } from "../../analysis/verdict/verdict.ts";
import { runFileName } from "../../schema/published-run.ts";
import type { Contents } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

const lostJson = (lost: LostClients) => writeForm(lostClientsForm, lost);

/** Judges every run again, by the evidence in its file, and holds the evidence to parameters, nodes and events. */
export function checkVerdicts({ measured, parameters, reported }: Contents, findings: Findings): void {
  for (const run of measured) {
    const found = findings.in(runFileName(run));
    const evidence = isDriven(run) ? run.evidence : undefined;
    const { status, reasons } = isDriven(run)
      ? judgeRun(evidenceOf(run), run.parameters.limits)
      : judgeNative(run);
    found.same("verdict.status", run.verdict.status, status);
    found.sameJson("verdict.reasons", run.verdict.reasons, reasons);
    if (isDriven(run) && parameters !== undefined) {
      const { windowTransactions } = phaseLengths(parameters, run.parameters.loadTps);
      // Of a closed loop, which has no schedule, what it sent was due.
      const due = run.kind === "closed-loop" ? run.ledger.scheduled : windowTransactions;
      found.same("evidence.window_transactions", run.evidence.windowTransactions, due);
    }
    const events = reported.get(run.benchmarkNumber)?.all ?? [];
    const exits = events
      .filter((event) => event.type === "node-exited")
      .map(({ node, exitCode, signal }) => ({ node, exitCode, signal }));
    const ended = new Set((evidence?.nodeExits ?? exits).map(({ node }) => node));
    for (const [index, { name, exitedUnasked }] of run.nodes.entries()) {
      found.same(`nodes[${index}].exited_unasked`, exitedUnasked, ended.has(name));
    }
    if (evidence === undefined) continue;
    found.sameJson("evidence.node_exits", evidence.nodeExits, exits);
    const lost = events.filter((event) => event.type === "clients-lost").map(lostJson);
    found.sameJson("evidence.lost_clients", (evidence.lostClients ?? []).map(lostJson), lost);
  }
}
