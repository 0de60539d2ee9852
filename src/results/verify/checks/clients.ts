import { coordinatorName } from "../../../contracts/hosts/host-load.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { GeneratorSummary } from "../../../metrics/hosts/generator.ts";
import { buildRunJson } from "../../schema/run.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import { runsInEvents } from "../contents/events.ts";
import type { Findings } from "../contents/findings.ts";

/**
 * What is said of the load-generating clients one by one. Where there is one, it did all that the run's figures say,
 * and saw of itself what its seconds say; of several only their sums can be checked, which the verdict does.
 */
export function checkClients({ runs, events }: Contents, findings: Findings): void {
  const reported = runsInEvents(events);
  for (const run of runs) {
    const [client, ...others] = run.clients ?? [];
    checkPlaces(run, findings);
    findings.holds({ file: fileOf(run), key: "clients" }, run.clients?.length, {
      holds: client !== undefined,
      follows: "at least one client",
    });
    // Where others were lost, the seconds are theirs too.
    const isAlone = others.length === 0 && run.evidence.lostClients === undefined;
    if (client === undefined || !isAlone) continue;
    const summary = new GeneratorSummary(run.parameters.durationSecs * 1000);
    for (const row of reported.get(run.benchmarkNumber)?.seconds ?? []) summary.add(row);
    const { ledger, lateness } = run;
    const generator = client.generator && summary.figures();
    const follows: RunResult = { ...run, clients: [{ ...client, ledger, lateness, generator }] };
    const place = { file: fileOf(run), key: "clients" };
    findings.sameJson(place, buildRunJson(run).clients, buildRunJson(follows).clients);
  }
}

/** Clients of other machines say how well their windows began together; each client is named once, seen or lost. */
function checkPlaces(run: RunResult, findings: Findings): void {
  const { clients, evidence } = run;
  for (const [index, { host, startErrorMs }] of clients.entries()) {
    findings.same(
      { file: fileOf(run), key: `clients[${index}].start_error_ms` },
      startErrorMs !== undefined,
      host !== coordinatorName,
    );
  }
  const names = [
    ...clients.map(({ name }) => name),
    ...(evidence.lostClients ?? []).flatMap((lost) => lost.clients),
  ];
  findings.same({ file: fileOf(run), key: "clients" }, names.length, new Set(names).size);
}
