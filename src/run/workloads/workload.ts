import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { NodeLoad } from "../../contracts/load/node-load.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { AssertionOutcome } from "../../contracts/results/assertion.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import type { SearchReport } from "../../contracts/results/search.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { BundleWriter } from "../../results/bundle/writer.ts";
import type { EndedSweep, MeasuredSummary } from "../../results/schema/summary.ts";
import type { RunRequest } from "../watch/run-request.ts";

/** One load level, on a network whose nodes are ready. */
export interface LevelRequest
  extends Omit<RunRequest, "onHostSecond" | "networkGoesOn" | "linkWatch">,
    Required<Pick<RunRequest, "networkGoesOn" | "linkWatch">> {
  /** Where what is found on the way is kept; nothing is written without it. */
  readonly bundle?: BundleWriter | undefined;
}

export interface Conclusion {
  readonly assertions?: readonly AssertionOutcome[] | undefined;
  readonly search?: SearchReport | undefined;
}

/** What of a network's plan the nodes' load depends on. */
export type WorkloadPlan = Pick<DeploymentPlan, "links" | "edges">;

/**
 * What is done to a network while it is measured, what that asks of the deployment, and how results are put together.
 * The sweep around it (which level is next, networks, bundle, events) and how it is shown are the same for all.
 */
export interface Workload<Run extends MeasuredRun = MeasuredRun> {
  /** Who makes the load: decides what a bundle has files for. */
  readonly generator: "clients" | "native";
  /** What a network is waited for before it is measured: "until every node commits". */
  readonly readiness: string;
  /** What is known to keep parameters from being measured. @throws InvalidArgumentError for a system not its own */
  check(protocol: Protocol, parameters: SweepParameters, cores: number): readonly Diagnostic[];
  /**
   * What nodes are told of a level, so that each has a network of its own. Absent: a network may serve all.
   * @param plan of the network
   */
  nodeLoad?(parameters: SweepParameters, loadTps: number, plan: WorkloadPlan): NodeLoad;
  /**
   * Measures one level, and judges it. Emits `run-started` when it begins. The bundle holds the records that the result
   * was computed from when it resolves; the result's own file comes after them.
   */
  measure(level: LevelRequest): Promise<Run>;
  /** Runs of this workload among all. */
  own(runs: readonly MeasuredRun[]): Run[];
  summarize(sweep: EndedSweep<Run>, conclusion: Conclusion): MeasuredSummary;
}
