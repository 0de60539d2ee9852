/** What is said of the clients, and of the process that watched the commits. */
import { coordinatorName } from "../../../contracts/hosts/host-load.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { GeneratorSummary } from "../../../metrics/hosts/generator.ts";
import { relativeError } from "../../../metrics/stats/histogram.ts";
import { buildRunJson } from "../../schema/run.ts";
import { ofEachRun } from "../contents/contents.ts";
import type { FileFindings } from "../contents/findings.ts";

/**
 * Where there is one client, it did all that the run's figures say, and saw of itself what its seconds say; of several
 * only their sums can be checked, which the verdict does.
 */
export const checkClients = ofEachRun((run, found, { reported }) => {
  const [client, ...others] = run.clients ?? [];
  checkPlaces(run, found);
  found.holds("clients", run.clients?.length, client !== undefined, "at least one client");
  // Where others were lost, the seconds are theirs too.
  const isAlone = others.length === 0 && run.evidence.lostClients === undefined;
  if (client === undefined || !isAlone) return;
  const summary = new GeneratorSummary(run.parameters.durationSecs * 1000);
  for (const row of reported.get(run.benchmarkNumber)?.seconds ?? []) summary.add(row);
  const { ledger, lateness } = run;
  const generator = client.generator && summary.figures();
  const follows: RunResult = { ...run, clients: [{ ...client, ledger, lateness, generator }] };
  found.sameJson("clients", buildRunJson(run).clients, buildRunJson(follows).clients);
});

/** Clients of other machines say how well their windows began together; each client is named once, seen or lost. */
function checkPlaces({ clients, evidence }: RunResult, found: FileFindings): void {
  for (const [index, { host, startErrorMs }] of clients.entries()) {
    const isElsewhere = host !== coordinatorName;
    found.same(`clients[${index}].start_error_ms`, startErrorMs !== undefined, isElsewhere);
  }
  const lost = (evidence.lostClients ?? []).flatMap((each) => each.clients);
  const names = [...clients.map(({ name }) => name), ...lost];
  found.same("clients", names.length, new Set(names).size);
}

/**
 * What is said of watching the commits. Its figures stand nowhere else, but they have to fit the run's: each commit of
 * the window was in a block that was read in it.
 */
export const checkObservers = ofEachRun(({ observer, observedInWindow, latencyKind, nodes }, found) => {
  if (observer === undefined) return;
  const { transactions, blocks, polled, loopDelayP99Ms: p99Ms = 0, loopDelayMaxMs: maxMs = 0 } = observer;
  const isAll = latencyKind === "commit" && transactions >= observedInWindow;
  const all = `at least ${observedInWindow}, the commits seen in the window`;
  found.holds("observer.transactions", transactions, isAll, all);
  const hasBlock = blocks > 0 || transactions === 0;
  found.holds("observer.blocks", blocks, hasBlock, "a block at least, since there are transactions");
  const isLess = p99Ms <= maxMs * (1 + relativeError) + 0.001;
  found.holds("observer.loop_delay_p99_ms", p99Ms, isLess, `at most ${maxMs}, the longest`);
  const known = new Set(nodes.map(({ name }) => name));
  const areKnown = polled.every(({ node }) => known.has(node));
  found.holds("observer.polled", polled, areKnown, "nodes of the committee");
});
