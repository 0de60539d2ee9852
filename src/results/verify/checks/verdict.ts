import type { RunResult } from "../../../contracts/results/result.ts";
import { type LostClients, lostClientsForm } from "../../../contracts/results/verdict.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { LateSeconds } from "../../../metrics/hosts/late-seconds.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { judgeNative } from "../../analysis/verdict/native-verdict.ts";
import { evidenceOf, judgeRun, latenessLimitMs } from "../../analysis/verdict/verdict.ts";
import { runFileName } from "../../schema/published-run.ts";
import type { Contents } from "../contents/contents.ts";
import type { FileFindings, Findings } from "../contents/findings.ts";

const lostJson = (lost: LostClients) => writeForm(lostClientsForm, lost);

/** Judges every run again, by the evidence in its file, and holds the evidence to parameters, nodes and events. */
export function checkVerdicts(contents: Contents, findings: Findings): void {
  const { measured, parameters, reported } = contents;
  for (const run of measured) {
    const found = findings.in(runFileName(run));
    const evidence = isDriven(run) ? run.evidence : undefined;
    const { status, reasons, limitedBy } = isDriven(run)
      ? judgeRun(evidenceOf(run), run.parameters.limits)
      : judgeNative(run);
    found.same("verdict.status", run.verdict.status, status);
    found.sameJson("verdict.reasons", run.verdict.reasons, reasons);
    // Earlier versions did not say it.
    if (run.verdict.limitedBy !== undefined) {
      found.same("verdict.limited_by", run.verdict.limitedBy, limitedBy);
    }
    if (isDriven(run)) checkLateSeconds(run, contents, found);
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

/** Which seconds were late follows from the rows of both tables. */
function checkLateSeconds(
  { evidence, verdict, environment, latency, latencyKind, parameters, clients, benchmarkNumber }: RunResult,
  { seconds, hostSeconds }: Contents,
  found: FileFindings,
): void {
  const isSaid = evidence.lateSeconds !== undefined || verdict.limitedBy !== undefined;
  if (!isSaid || environment === undefined) return;
  const all = new LateSeconds(environment.limits, parameters.durationSecs);
  for (const { values } of seconds.get(benchmarkNumber) ?? []) {
    all.addSends({ second: values.second ?? 0, latenessP99Ms: values.lateness_p99_ms });
  }
  for (const row of hostSeconds.get(benchmarkNumber) ?? []) all.addMachine(row);
  const limitMs = latenessLimitMs(latency[latencyKind]?.p50?.ms, parameters.limits);
  const follows = all.count(limitMs, new Set(clients.map(({ host }) => host)));
  found.sameJson("evidence.late_seconds", evidence.lateSeconds, follows);
}
