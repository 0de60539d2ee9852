import { type LostClients, lostClientsForm } from "../../../contracts/results/verdict.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { evidenceOf, judgeRun } from "../../analysis/verdict/verdict.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import { runsInEvents } from "../contents/events.ts";
import type { Findings } from "../contents/findings.ts";

const lostJson = (lost: LostClients) => writeForm(lostClientsForm, lost);

/** Judges every run again, by the evidence in its file, and holds the evidence to parameters, nodes and events. */
export function checkVerdicts({ runs, parameters, events }: Contents, findings: Findings): void {
  const reported = runsInEvents(events);
  for (const run of runs) {
    const place = (key: string) => ({ file: fileOf(run), key });
    const { status, reasons } = judgeRun(evidenceOf(run), run.parameters.limits);
    findings.same(place("verdict.status"), run.verdict.status, status);
    findings.sameJson(place("verdict.reasons"), run.verdict.reasons, reasons);
    if (parameters !== undefined) {
      const { windowTransactions } = phaseLengths(parameters, run.parameters.loadTps);
      findings.same(
        place("evidence.window_transactions"),
        run.evidence.windowTransactions,
        // Of a closed loop, which has no schedule, what it sent was due.
        run.kind === "closed-loop" ? run.ledger.scheduled : windowTransactions,
      );
    }
    const ended = new Set(run.evidence.nodeExits.map(({ node }) => node));
    for (const [index, { name, exitedUnasked }] of run.nodes.entries()) {
      findings.same(place(`nodes[${index}].exited_unasked`), exitedUnasked, ended.has(name));
    }
    const exits = (reported.get(run.benchmarkNumber)?.all ?? []).flatMap((event) =>
      event.type === "node-exited"
        ? [{ node: event.node, exitCode: event.exitCode, signal: event.signal }]
        : [],
    );
    findings.sameJson(place("evidence.node_exits"), run.evidence.nodeExits, exits);
    const lost = (reported.get(run.benchmarkNumber)?.all ?? []).flatMap((event) =>
      event.type === "clients-lost" ? [lostJson(event)] : [],
    );
    findings.sameJson(place("evidence.lost_clients"), (run.evidence.lostClients ?? []).map(lostJson), lost);
  }
}
