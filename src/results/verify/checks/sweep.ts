import type { BaleenEvent } from "../../../contracts/events.ts";
import { readForm } from "../../../core/documents/check-form.ts";
import { formatJson } from "../../../core/documents/numbers.ts";
import { describeError } from "../../../core/errors.ts";
import { runParameters } from "../../../load/level/run-parameters.ts";
import { concludeSweep } from "../../analysis/conclude.ts";
import { openSchedule } from "../../analysis/schedule/schedule.ts";
import { formatNativeSummaryText } from "../../report/documents/native.ts";
import { formatSummaryText } from "../../report/documents/summary-text.ts";
import type { Fields } from "../../schema/fields.ts";
import { buildRunJson } from "../../schema/run.ts";
import {
  buildNativeSummaryJson,
  buildSummaryJson,
  isNativeSummary,
  type MeasuredSummary,
  type SweepSummary,
  sweepEndForm,
} from "../../schema/summary.ts";
import { withBaseline } from "../contents/baseline.ts";
import { type Contents, fileOf, readObject } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

const summaryFile = "summary.json";

/** Each run was done as parameters.json says. */
export function checkParametersOfRuns({ runs, parameters }: Contents, findings: Findings): void {
  if (parameters === undefined) return;
  const schedule = openSchedule(parameters);
  runs.forEach((run, index) => {
    const planned = schedule.next(runs.slice(0, index));
    findings.same({ file: fileOf(run), key: "repetition" }, run.repetition, planned?.repetition);
    const { nodes, runtime, clients, pacing } = run.parameters;
    // What the network was is the run's own to say, unless it was asked for: compose file, engine and hosts decide that.
    const asked = runParameters(parameters, {
      loadTps: planned?.loadTps ?? Number.NaN,
      nodes,
      runtime:
        parameters.runtime === "auto" || parameters.remote !== undefined ? runtime : parameters.runtime,
      protocol: parameters.protocol.name,
      clients,
      pacing,
    });
    const key = "parameters";
    const again = buildRunJson({ ...run, parameters: asked });
    const says = buildRunJson(run);
    findings.sameJson({ file: fileOf(run), key }, says.parameters, again.parameters);
    findings.sameJson(
      { file: fileOf(run), key: "verdict.limits" },
      says.verdict.limits,
      again.verdict.limits,
    );
    findings.same({ file: fileOf(run), key: "network_type" }, says.network_type, again.network_type);
    findings.same({ file: fileOf(run), key: "parameters.nodes" }, nodes, run.nodes.length);
    const lost = (run.evidence.lostClients ?? []).flatMap((each) => each.clients);
    const all = run.clients.length + lost.length;
    findings.same({ file: fileOf(run), key: "parameters.clients" }, clients, all);
  });
}

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
  const document = formatJson(
    isNativeSummary(summary) ? buildNativeSummaryJson(summary) : buildSummaryJson(summary),
  );
  findings.sameJson({ file: summaryFile, key: "" }, JSON.parse(text), JSON.parse(document));
  findings.sameText(summaryFile, text, document);
  checkEnd(contents, summary, findings);
  const words = files.get("summary.txt");
  if (words === undefined || parameters === undefined) {
    findings.add({ file: "summary.txt", key: "it" }, "nothing to compare", "the summary in words");
    return;
  }
  const started = lastStart(contents.events);
  const facts = {
    runtime: summary.runtime,
    runtimeReason: started?.runtimeReason,
    bundle: started?.bundle,
  };
  const again = isNativeSummary(summary)
    ? formatNativeSummaryText(summary, parameters, facts)
    : formatSummaryText(summary, parameters, facts);
  findings.sameText("summary.txt", words, again);
}

/** What the summary tells by itself, and what the runs that are there come to. */
function readSummary(contents: Contents, findings: Findings): Omit<SweepSummary, "runs"> | undefined {
  const { files } = contents;
  const fields = readObject(files, summaryFile, findings);
  try {
    return fields && { ...readForm(sweepEndForm, fields.all()), ...concluded(fields, contents, findings) };
  } catch (error) {
    findings.add({ file: summaryFile, key: "its form" }, describeError(error), "the summary of a sweep");
    return undefined;
  }
}

/** What the runs come to, made again; what a baseline measured, which lies elsewhere, is taken as told. */
function concluded(
  fields: Fields,
  { measured: runs, parameters }: Contents,
  findings: Findings,
): Pick<SweepSummary, "search" | "assertions"> {
  if (parameters === undefined) return {};
  const { search, assertions } = concludeSweep(runs, parameters, undefined);
  const reported = fields.has("assertions") ? fields.objects("assertions", (one) => one) : [];
  return {
    search,
    assertions: assertions.map((outcome, index) => {
      const one = reported[index];
      return outcome.assertion.relative && one !== undefined
        ? withBaseline(outcome, one, { runs, index, findings })
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
  findings: Findings,
): void {
  const place = (key: string) => ({ file: summaryFile, key });
  const [first] = events;
  if (first !== undefined) findings.same(place("run"), summary.run, first.run);
  if (parameters !== undefined) {
    findings.same(place("network_type"), summary.networkType, parameters.networkType);
    const schedule = openSchedule(parameters);
    findings.same(place("planned_runs"), summary.plannedRuns, schedule.plannedRuns);
    const isWhole = schedule.next(runs) === undefined;
    findings.holds(place("ended_early"), summary.endedEarly, {
      holds: summary.endedEarly !== undefined || isWhole,
      follows: `why the sweep ended after ${runs.length} runs`,
    });
  }
  for (const run of runs) {
    findings.same(place("runtime"), summary.runtime, run.parameters.runtime);
  }
  const last = events.findLast((event) => event.type === "sweep-finished");
  checkTime(place("started"), summary.startedAt, first?.t, findings);
  checkTime(place("finished"), summary.finishedAt, last?.t, findings);
}

function checkTime(
  place: { file: string; key: string },
  says: string,
  reported: string | undefined,
  findings: Findings,
): void {
  const apartMs = Math.abs(Date.parse(says) - Date.parse(reported ?? ""));
  findings.holds(place, says, {
    holds: apartMs <= tellingMs,
    follows: `within ${tellingMs / 1000} s of ${reported ?? "an event, and there is none"}`,
  });
}

function lastStart(events: readonly BaleenEvent[]) {
  const starts = events.filter((event) => event.type === "sweep-started");
  return starts.at(-1);
}
