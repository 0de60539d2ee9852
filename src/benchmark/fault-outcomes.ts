/** Crash faults in a run's result, from what the injector and the client recorded. */
import type { FaultOutcome, FaultRecord, StretchClients, StretchResult } from "../contracts/result.ts";
import type { ClientPlan, ClientReport, StretchTally } from "../load/client-plan.ts";
import { summarizeLatency } from "../stats/latency-record.ts";

/** Adds to each fault when a new height was first seen after it. */
export function faultOutcomes(
  faults: readonly FaultRecord[],
  heightsSeenMs: readonly number[],
): FaultOutcome[] {
  return faults.map((fault) => {
    const fromSecs = fault.action === "crash" ? fault.effectiveSecs : fault.issuedSecs;
    const seenMs = fromSecs === undefined ? undefined : heightsSeenMs.find((atMs) => atMs >= fromSecs * 1000);
    return seenMs === undefined ? fault : { ...fault, firstCommitSecs: seenMs / 1000 };
  });
}

/** Puts what the client counted in each stretch beside where it lay and who was meant to be down. */
export function stretchResults(
  plan: Pick<ClientPlan, "stretches" | "targets" | "windowMs">,
  report: Pick<ClientReport, "stretches">,
): StretchResult[] {
  return report.stretches.flatMap((tally, index): StretchResult[] => {
    const stretch = plan.stretches[index];
    if (stretch === undefined) return [];
    const toMs = plan.stretches[index + 1]?.fromMs ?? plan.windowMs;
    return [
      {
        fromSecs: stretch.fromMs / 1000,
        toSecs: toMs / 1000,
        nodesDown: stretch.down.map((place) => plan.targets[place]?.node ?? `target ${place}`),
        ofLivingNodes: clients(tally.up),
        ofDeadNodes: clients(tally.down),
      },
    ];
  });
}

function clients({ scheduled, committed, latency }: StretchTally): StretchClients {
  return { scheduled, successful: committed, latency: summarizeLatency(latency) };
}
