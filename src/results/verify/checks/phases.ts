import type { RunResult } from "../../../contracts/results/result.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { phaseSpans } from "../../../load/timeline/profile.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/** The phases of a run are those of its profile, and add up to its window. */
export function checkPhases({ runs }: Contents, findings: Findings): void {
  for (const run of runs) {
    checkSpans(run, findings);
    checkSums(run, findings);
  }
}

function checkSpans(run: RunResult, findings: Findings): void {
  const { profile, durationSecs } = run.parameters;
  const spans = phaseSpans(profile, durationSecs);
  findings.same({ file: fileOf(run), key: "results.phases" }, run.phases.length, spans.length);
  for (const [index, { name, fromMs, toMs }] of spans.entries()) {
    const place = (key: string) => ({ file: fileOf(run), key: `results.phases[${index}].${key}` });
    const phase = run.phases[index];
    findings.same(place("name"), phase?.name, name);
    findings.same(place("from_secs"), phase?.fromSecs, rounded(fromMs / 1000));
    findings.same(place("to_secs"), phase?.toSecs, rounded(toMs / 1000));
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
