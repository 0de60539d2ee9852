import type { FaultRecord, SegmentResult } from "../../contracts/results/faults.ts";
import type { LatencyKind } from "../../contracts/results/latency.ts";
import type { RunResult } from "../../contracts/results/result.ts";
import { rounded } from "../../core/documents/numbers.ts";
import type { HistogramInterval } from "../../metrics/stats/hlog.ts";

/** File-name forms of the latencies. */
export const histogramNames: Readonly<Record<LatencyKind | "lateness", string>> = {
  commit: "commit",
  commitService: "commit-service",
  response: "response",
  responseAccepted: "response-accepted",
  responseRefused: "response-refused",
  submit: "submit",
  submitAccepted: "submit-accepted",
  submitRefused: "submit-refused",
  lateness: "lateness",
};

/** File-name forms of a segment's, from 1: of the nodes that are meant to be up, and of those that are not. */
export const segmentHistogramName = (segment: number, side: "living" | "dead") =>
  `stretch-${segment}-${side}`;

export const phaseHistogramName = (phase: number) => `phase-${phase}`;

/** Whether the fault ended a node: one that was paused goes on where it was. */
export const beganAnew = ({ action, issuedSecs }: Pick<FaultRecord, "action" | "issuedSecs">) =>
  issuedSecs !== undefined && (action === "crash" || action === "recover");

/** Nodes that may have begun anew in a run, or have ended. */
export function restartedNodes({
  faults,
  evidence,
}: Pick<RunResult, "faults" | "evidence">): ReadonlySet<string> {
  const crashed = faults.filter(beganAnew);
  return new Set([...crashed, ...evidence.nodeExits].map(({ node }) => node));
}

/** By the times of a segment or a phase as they are published. */
export function partInterval(
  startedAtMs: number,
  { fromSecs, toSecs }: Pick<SegmentResult, "fromSecs" | "toSecs">,
): HistogramInterval {
  const [from, to] = [rounded(fromSecs), rounded(toSecs)];
  return { startedAtMs: startedAtMs + Math.round(from * 1000), lengthSecs: rounded(to - from) };
}
