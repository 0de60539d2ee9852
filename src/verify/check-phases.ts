import { rounded } from "../bundle/numbers.ts";
import type { RunResult } from "../contracts/result.ts";
import { expectedTransactions, phaseSpans } from "../timeline/profile.ts";
import { type Contents, fileOf } from "./contents.ts";
import type { Findings } from "./findings.ts";

/** What was scheduled follows from the profile, and the phases of a run add up to its window. */
export function checkPhases({ runs, parameters }: Contents, findings: Findings): void {
  for (const run of runs) {
    checkScheduled(run, parameters?.numTransactions, findings);
    checkSpans(run, findings);
    checkSums(run, findings);
  }
}

function checkScheduled(run: RunResult, numTransactions: number | undefined, findings: Findings): void {
  const { profile, loadTps, durationSecs: windowSecs } = run.parameters;
  const expected = () => Math.max(1, Math.round(expectedTransactions(profile, { loadTps, windowSecs })));
  const follows = profile.kind === "closed" ? run.ledger.scheduled : (numTransactions ?? expected());
  const place = { file: fileOf(run), key: "evidence.window_transactions" };
  findings.same(place, run.evidence.windowTransactions, follows);
}

function checkSpans(run: RunResult, findings: Findings): void {
  const { profile, durationSecs } = run.parameters;
  const spans = phaseSpans(profile, durationSecs);
  findings.same({ file: fileOf(run), key: "results.phases" }, run.phases.length, spans.length);
  for (const [index, { name, fromSecs, toSecs }] of spans.entries()) {
    const place = (key: string) => ({ file: fileOf(run), key: `results.phases[${index}].${key}` });
    const phase = run.phases[index];
    findings.same(place("name"), phase?.name, name);
    findings.same(place("from_secs"), phase?.fromSecs, rounded(fromSecs));
    findings.same(place("to_secs"), phase?.toSecs, rounded(toSecs));
  }
}

function checkSums(run: RunResult, findings: Findings): void {
  if (run.phases.length === 0) return;
  const place = (key: string) => ({ file: fileOf(run), key: `results.phases, all ${key}` });
  const sum = (key: "scheduled" | "successful" | "observed") =>
    run.phases.reduce((all, phase) => all + phase[key], 0);
  findings.same(place("scheduled_transactions"), sum("scheduled"), run.ledger.scheduled);
  findings.same(place("successful_transactions"), sum("successful"), run.successful);
  findings.same(place("observed"), sum("observed"), run.observedInWindow);
  for (const [index, { scheduled, successful, latency }] of run.phases.entries()) {
    const own = (key: string) => ({ file: fileOf(run), key: `results.phases[${index}].${key}` });
    findings.same(own("successful_transactions"), successful, latency.count);
    findings.same(own("scheduled_transactions"), scheduled, latency.count + latency.censored);
  }
}
