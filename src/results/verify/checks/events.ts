import { basename } from "node:path";
import { openSchedule } from "../../analysis/schedule/schedule.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import { runsInEvents } from "../contents/events.ts";
import type { Findings } from "../contents/findings.ts";

const file = "events.ndjson";

/** What the events tell of sweep and runs is what their files say. */
export function checkEvents({ events, measured: runs, parameters }: Contents, findings: Findings): void {
  const reported = runsInEvents(events);
  findings.same({ file, key: "runs that finished" }, reported.size, runs.length);
  for (const run of runs) {
    const found = reported.get(run.benchmarkNumber);
    if (found === undefined) {
      findings.add({ file, key: `run ${run.benchmarkNumber}` }, "nothing", "that it finished");
      continue;
    }
    const place = (name: string) => ({ file, key: `run ${run.benchmarkNumber}, ${name}` });
    findings.same(place("loadTps"), found.loadTps, run.parameters.loadTps);
    findings.same(place("closedLoop"), found.closedLoop === true, run.kind === "closed-loop");
    findings.same(place("status"), found.status, run.verdict.status);
    findings.same(place("file"), basename(found.file ?? ""), fileOf(run));
    for (const event of found.all) {
      if (!("benchmarkNumber" in event)) continue;
      findings.same(place(`benchmarkNumber of ${event.type}`), event.benchmarkNumber, run.benchmarkNumber);
    }
    const phase = found.all.find((event) => event.type === "load-phase" && event.phase === "warm-up");
    const startsAtMs = phase?.type === "load-phase" ? phase.windowStartsAtMs : undefined;
    findings.same(
      place("windowStartsAtMs"),
      new Date(startsAtMs ?? Number.NaN).getTime(),
      Date.parse(run.timestamp),
    );
  }
  for (const [index, event] of events.entries()) {
    const place = (name: string) => ({ file, key: `line ${index + 1}, ${name}` });
    if (event.type === "sweep-started" && parameters !== undefined) {
      findings.same(place("network"), event.network, parameters.networkType);
      findings.sameJson(place("loadsTps"), event.loadsTps, parameters.loadsTps);
      findings.same(place("closedLoop"), event.closedLoop === true, parameters.profile.kind === "closed");
      findings.same(place("runs"), event.runs ?? 1, parameters.runs);
    }
  }
  const last = events.findLast((event) => event.type === "sweep-finished");
  if (last?.type === "sweep-finished") {
    findings.same({ file, key: "sweep-finished, finishedRuns" }, last.finishedRuns, runs.length);
    if (parameters !== undefined) {
      findings.same(
        { file, key: "sweep-finished, plannedRuns" },
        last.plannedRuns,
        openSchedule(parameters).plannedRuns,
      );
    }
  } else findings.add({ file, key: "sweep-finished" }, "nothing", "that the sweep finished");
}
