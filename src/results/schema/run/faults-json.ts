/** The published form of crash faults: a part of a run's. */

import type { FaultOutcome } from "../../../contracts/results/faults.ts";
import type { StretchClients, StretchResult } from "../../../contracts/results/result.ts";
import { present, rounded } from "../numbers.ts";
import { latencyJson } from "./latency-json.ts";

function secsJson(secs: number | undefined): number | undefined {
  return secs === undefined ? undefined : rounded(secs);
}

export function faultJson(fault: FaultOutcome) {
  return present({
    node: fault.node,
    action: fault.action,
    asked_secs: rounded(fault.askedSecs),
    issued_secs: secsJson(fault.issuedSecs),
    answers_secs: secsJson(fault.answersSecs),
    effective_secs: secsJson(fault.effectiveSecs),
    first_commit_secs: secsJson(fault.firstCommitSecs),
    failure: fault.failure,
  });
}

function clientsJson({ scheduled, successful, latency }: StretchClients) {
  return {
    scheduled_transactions: scheduled,
    successful_transactions: successful,
    failed_transactions: scheduled - successful,
    latency: latencyJson(latency),
  };
}

export function stretchJson(stretch: StretchResult) {
  return {
    from_secs: rounded(stretch.fromSecs),
    to_secs: rounded(stretch.toSecs),
    nodes_down: stretch.nodesDown,
    of_living_nodes: clientsJson(stretch.ofLivingNodes),
    of_dead_nodes: clientsJson(stretch.ofDeadNodes),
  };
}
