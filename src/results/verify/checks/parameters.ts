import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { doneAs } from "../../analysis/assertions/baseline.ts";
import { openSchedule } from "../../analysis/schedule/schedule.ts";
import { measuredRunJson } from "../../schema/published-run.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/** Each run was done as parameters.json says. */
export function checkParameters(contents: Contents, findings: Findings): void {
  const { parameters, counters } = contents;
  if (parameters === undefined) return;
  const runs = parameters.protocol.native === true ? contents.nativeRuns : contents.runs;
  const schedule = openSchedule(parameters);
  for (const [index, run] of runs.entries()) {
    const planned = schedule.next(runs.slice(0, index));
    const found = findings.in(fileOf(run));
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
