/** The published form of crash faults: a part of a run's. */

import type { FaultOutcome } from "../../../contracts/results/faults.ts";
import type { SegmentClients, SegmentResult } from "../../../contracts/results/result.ts";
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

function clientsJson({ scheduled, successful, latency }: SegmentClients) {
  return {
    scheduled_transactions: scheduled,
    successful_transactions: successful,
    failed_transactions: scheduled - successful,
    latency: latencyJson(latency),
  };
}

export function segmentJson(segment: SegmentResult) {
  return {
    from_secs: rounded(segment.fromSecs),
    to_secs: rounded(segment.toSecs),
    nodes_down: segment.nodesDown,
    of_living_nodes: clientsJson(segment.ofLivingNodes),
    of_dead_nodes: clientsJson(segment.ofDeadNodes),
  };
}
