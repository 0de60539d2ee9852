import {
  type EnvironmentReport,
  environmentForm,
  type HostLoad,
  type HostSecond,
} from "../../../contracts/hosts/host-load.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { reportEnvironment, SecondsTally } from "../../../metrics/hosts/seconds-tally.ts";
import { runFileName } from "../../schema/published-run.ts";
import type { Contents } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/** What is said of a run's machines follows from their seconds; names of other containers are facts that engines told. */
export function checkEnvironment({ measured, parameters, hostSeconds }: Contents, findings: Findings): void {
  for (const run of measured) {
    const { environment } = run;
    if (environment === undefined) continue;
    const found = findings.in(runFileName(run));
    const rows = hostSeconds.get(run.benchmarkNumber) ?? [];
    const follows = reportFrom(rows, environment, run);
    const options = {
      strict: parameters?.strictEnvironment ?? environment.strict,
      limits: parameters?.environmentLimits ?? environment.limits,
    };
    const again = writeForm(environmentForm, { ...follows, ...options });
    found.sameJson("environment", writeForm(environmentForm, environment), again);
    const hosts = environment.hosts.map(({ host }) => host);
    for (const host of new Set(rows.map((row) => row.host))) {
      const expected = `${host} among them: host-load.csv has its seconds`;
      found.holds("environment.hosts", hosts, hosts.includes(host), expected);
    }
  }
}

function reportFrom(
  rows: readonly HostSecond[],
  { hosts, limits, strict }: EnvironmentReport,
  run: MeasuredRun,
): EnvironmentReport {
  const wholeSecs = Math.max(1, Math.floor(run.parameters.durationSecs));
  const machines = hosts.map(({ host, otherContainers, before }: HostLoad) => {
    const own = rows.filter((row) => row.host === host);
    const [first] = own;
    const tallies = { before: new SecondsTally(limits), window: new SecondsTally(limits) };
    // The look before the load comes first, where there was one.
    if (before !== undefined && first !== undefined) tallies.before.add(first);
    for (const row of own) if (row.second >= 0 && row.second < wholeSecs) tallies.window.add(row);
    return { host, otherContainers, ...tallies };
  });
  return reportEnvironment(machines, { limits, strict });
}
