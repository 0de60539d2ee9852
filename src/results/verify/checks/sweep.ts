import { readForm } from "../../../core/documents/check-form.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { doneAs } from "../../analysis/assertions/baseline.ts";
import { concludeSweep } from "../../analysis/conclude.ts";
import { openSchedule } from "../../analysis/schedule/schedule.ts";
import { formatSummaryText } from "../../report/documents/summary-text.ts";
import type { Fields } from "../../schema/fields.ts";
import { measuredRunJson, runFileName } from "../../schema/published-run.ts";
import {
  type MeasuredSummary,
  measuredSummaryJson,
  type SweepSummary,
  sweepEndForm,
} from "../../schema/summary.ts";
import { withBaseline } from "../contents/baseline.ts";
import type { Contents } from "../contents/contents.ts";
import { readObject } from "../contents/files.ts";
import type { FileFindings, Findings } from "../contents/findings.ts";

const summaryFile = "summary.json";

/** summary.json and summary.txt, made again from the runs, are the same to the byte. */
export function checkSummary(contents: Contents, findings: Findings): void {
  const { files, parameters } = contents;
  const reported = readSummary(contents, findings);
  if (reported === undefined) return;
  const summary: MeasuredSummary =
    parameters?.protocol.native === true
      ? { ...reported, generator: "native", runs: contents.nativeRuns }
      : { ...reported, runs: contents.runs };
  const text = files.get(summaryFile) ?? "";
  const found = findings.in(summaryFile);
  found.sameDocument(text, formatJson(measuredSummaryJson(summary)));
  checkEnd(contents, summary, found);
  const words = files.get("summary.txt");
  const inWords = findings.in("summary.txt");
  if (words === undefined || parameters === undefined) {
    inWords.add("it", "nothing to compare", "the summary in words");
    return;
  }
  const started = contents.events.findLast((event) => event.type === "sweep-started");
  const facts = {
    runtime: summary.runtime,
    runtimeReason: started?.runtimeReason,
    bundle: started?.bundle,
  };
  inWords.sameText(words, formatSummaryText(summary, parameters, facts));
}

/** What the summary tells by itself, and what the runs that are there come to. */
function readSummary(contents: Contents, findings: Findings): Omit<SweepSummary, "runs"> | undefined {
  const fields = readObject(contents.files, summaryFile, findings);
  const found = findings.in(summaryFile);
  try {
    return fields && { ...readForm(sweepEndForm, fields.all()), ...concluded(fields, contents, found) };
  } catch (error) {
    found.add("its form", describeError(error), "the summary of a sweep");
    return undefined;
  }
}

/** What the runs come to, made again; what a baseline measured, which lies elsewhere, is taken as told. */
function concluded(
  fields: Fields,
  { measured: runs, parameters }: Contents,
  found: FileFindings,
): Pick<SweepSummary, "search" | "assertions"> {
  if (parameters === undefined) return {};
  const { search, assertions } = concludeSweep(runs, parameters, undefined);
  const reported = fields.has("assertions") ? fields.objects("assertions", (one) => one) : [];
  return {
    search,
    assertions: assertions.map((outcome, index) => {
      const one = reported[index];
      return outcome.assertion.relative && one !== undefined
        ? withBaseline(outcome, one, { runs, index, found })
        : outcome;
    }),
  };
}

/** Between what happens and what is told of it lies no more than this, on a busy machine. */
const tellingMs = 10_000;

/** What stands in the summary alone, held to parameters, runs and events. */
function checkEnd(
  { parameters, measured: runs, events }: Contents,
  summary: MeasuredSummary,
  found: FileFindings,
): void {
  const [first] = events;
  if (first !== undefined) found.same("run", summary.run, first.run);
  if (parameters !== undefined) {
    found.same("network_type", summary.networkType, parameters.networkType);
    const schedule = openSchedule(parameters);
    found.same("planned_runs", summary.plannedRuns, schedule.plannedRuns);
    const isSaid = summary.endedEarly !== undefined || schedule.next(runs) === undefined;
    const follows = `why the sweep ended after ${runs.length} runs`;
    found.holds("ended_early", summary.endedEarly, isSaid, follows);
  }
  for (const run of runs) found.same("runtime", summary.runtime, run.parameters.runtime);
  const last = events.findLast((event) => event.type === "sweep-finished");
  const checkTime = (key: string, says: string, reported: string | undefined) => {
    const apartMs = Math.abs(Date.parse(says) - Date.parse(reported ?? ""));
    const follows = `within ${tellingMs / 1000} s of ${reported ?? "an event, and there is none"}`;
    found.holds(key, says, apartMs <= tellingMs, follows);
  };
  checkTime("started", summary.startedAt, first?.t);
  checkTime("finished", summary.finishedAt, last?.t);
}

/** Each run was done as parameters.json says. */
export function checkParameters(contents: Contents, findings: Findings): void {
  const { parameters, counters } = contents;
  if (parameters === undefined) return;
  const runs = parameters.protocol.native === true ? contents.nativeRuns : contents.runs;
  const schedule = openSchedule(parameters);
  for (const [index, run] of runs.entries()) {
    const planned = schedule.next(runs.slice(0, index));
    const found = findings.in(runFileName(run));
    found.same("repetition", run.repetition, planned?.repetition);
    const { nodes, runtime } = run.parameters;
    // What the network was is the run's own to say, unless it was asked for: compose file, engine and hosts decide that.
    const isChosen = parameters.runtime === "auto" || parameters.remote !== undefined;
    const asked = doneAs(run, parameters, {
      loadTps: planned?.loadTps ?? Number.NaN,
      nodes,
      runtime: isChosen ? runtime : parameters.runtime,
      countedOf: counters?.committed.of,
    });
    const [says, again] = [measuredRunJson(run), measuredRunJson(asked)];
    found.sameJson("parameters", says.parameters, again.parameters);
    found.sameJson("verdict.limits", says.verdict.limits, again.verdict.limits);
    found.same("network_type", says.network_type, again.network_type);
    found.same("parameters.nodes", nodes, run.nodes.length);
    if (!isDriven(run)) continue;
    const lost = (run.evidence.lostClients ?? []).flatMap((each) => each.clients);
    found.same("parameters.clients", run.parameters.clients, run.clients.length + lost.length);
  }
}
