import type { NativeCounters } from "../../../contracts/load/node-load.ts";
import type { NativeFigures, NativeResult } from "../../../contracts/results/native.ts";
import { nativeParameters } from "../../../load/level/run-parameters.ts";
import { readOpenMetrics } from "../../../metrics/nodes/read-openmetrics.ts";
import { openSchedule } from "../../analysis/schedule/schedule.ts";
import { lookEverySecs } from "../../analysis/verdict/look-every.ts";
import { nativeFigures } from "../../analysis/verdict/native-figures.ts";
import { judgeNative } from "../../analysis/verdict/native-verdict.ts";
import { nodeMetricsFile } from "../../bundle/writer.ts";
import { buildNativeRunJson } from "../../schema/native-run.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import { runsInEvents } from "../contents/events.ts";
import type { Findings } from "../contents/findings.ts";

/** All that is said of a run's load, computed again from what its nodes showed. */
export function checkNativeFigures({ files, nativeRuns, counters }: Contents, findings: Findings): void {
  if (counters === undefined && nativeRuns.length > 0) {
    const follows = "a system of which this version knows by what its nodes count";
    findings.add({ file: "parameters.json", key: "protocol_description" }, "another one", follows);
    return;
  }
  for (const run of nativeRuns) {
    if (counters === undefined) continue;
    const says = buildNativeRunJson(run);
    const text = files.get(nodeMetricsFile(run.benchmarkNumber));
    const made = buildNativeRunJson({ ...run, figures: figuresFrom(text, run, counters) });
    const file = fileOf(run);
    findings.sameJson({ file, key: "results" }, says.results, made.results);
    findings.sameJson({ file, key: "nodes" }, says.nodes, made.nodes);
  }
}

function figuresFrom(text: string | undefined, run: NativeResult, counters: NativeCounters): NativeFigures {
  const { nodes, durationSecs, warmUpSecs } = run.parameters;
  return nativeFigures(text === undefined ? [] : readOpenMetrics(text), counters, {
    startMs: Date.parse(run.timestamp),
    lengthSecs: durationSecs,
    everySecs: lookEverySecs(nodes, warmUpSecs + durationSecs),
    nodes,
    // How long an answer took was told once.
    tookMs: (name) => (run.figures.nodes.find((node) => node.name === name)?.answerSecs ?? 0) * 1000,
  });
}

/** Judges every run again, by what its file holds, and holds what became of its nodes to the events. */
export function checkNativeVerdicts({ nativeRuns, events }: Contents, findings: Findings): void {
  const reported = runsInEvents(events);
  for (const run of nativeRuns) {
    const place = (key: string) => ({ file: fileOf(run), key });
    const { status, reasons } = judgeNative(run);
    findings.same(place("verdict.status"), run.verdict.status, status);
    findings.sameJson(place("verdict.reasons"), run.verdict.reasons, reasons);
    const all = reported.get(run.benchmarkNumber)?.all ?? [];
    const ended = new Set(all.flatMap((event) => (event.type === "node-exited" ? [event.node] : [])));
    for (const [index, { name, exitedUnasked }] of run.nodes.entries()) {
      findings.same(place(`nodes[${index}].exited_unasked`), exitedUnasked, ended.has(name));
    }
  }
}

/** Each run was done as parameters.json says. */
export function checkNativeParameters(
  { nativeRuns, parameters, counters }: Contents,
  findings: Findings,
): void {
  if (parameters === undefined) return;
  const schedule = openSchedule(parameters);
  nativeRuns.forEach((run, index) => {
    const file = fileOf(run);
    const planned = schedule.next(nativeRuns.slice(0, index));
    findings.same({ file, key: "repetition" }, run.repetition, planned?.repetition);
    // What the network was is the run's own to say, unless it was asked for: compose file, engine and hosts decide that.
    const { nodes } = run.parameters;
    const asked = nativeParameters(parameters, {
      loadTps: planned?.loadTps ?? Number.NaN,
      runtime:
        parameters.runtime === "auto" || parameters.remote !== undefined
          ? run.parameters.runtime
          : parameters.runtime,
      protocol: parameters.protocol.name,
      nodes,
      countedOf: counters?.committed.of ?? run.parameters.countedOf,
    });
    const [says, again] = [run, { ...run, parameters: asked }].map(buildNativeRunJson);
    findings.sameJson({ file, key: "parameters" }, says?.parameters, again?.parameters);
    findings.sameJson({ file, key: "verdict.limits" }, says?.verdict.limits, again?.verdict.limits);
    findings.same({ file, key: "network_type" }, says?.network_type, again?.network_type);
    findings.same({ file, key: "parameters.nodes" }, nodes, run.nodes.length);
  });
}
