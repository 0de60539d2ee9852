import type { DeploymentPlan, Network } from "../../contracts/deployment.ts";
import type { Emit } from "../../contracts/events.ts";
import type { HostSecond } from "../../contracts/hosts/host-load.ts";
import type { PlannedLinks } from "../../contracts/links/shaping.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { LinkProbes } from "../../contracts/results/links/link-certificate.ts";
import type { RunResult } from "../../contracts/results/result.ts";
import type { Clock } from "../../core/clock.ts";
import type { ClientReport } from "../../load/plan/client-plan.ts";
import type { PlannedRun } from "../../results/analysis/schedule/schedule.ts";
import type { ClientRuntime } from "../clients/local-placement.ts";
import type { RunParts } from "../clients/segment-results.ts";
import type { ManualLinks } from "../faults/manual-links.ts";
import type { LinkWatch } from "./link-watch.ts";
import type { ShownMetrics } from "./metrics-watch.ts";

/** One load level on a ready network. */
export interface RunRequest extends PlannedRun {
  readonly network: Network;
  readonly protocol: Protocol;
  readonly parameters: SweepParameters;
  /** The network goes on after this run, so nodes that were crashed on purpose are started again at its end. */
  readonly networkGoesOn?: boolean;
  /** As the network was planned with; absent where its links are left as they are. */
  readonly links?: PlannedLinks | undefined;
  /** Pairs of nodes that the topology connects; absent: all. */
  readonly edges?: DeploymentPlan["edges"];
  /** Brings what a person changes while the window is open; absent: nobody can. */
  readonly manual?: ManualLinks | undefined;
  /** What was seen of the connections to the network's hosts; absent where there are none. */
  readonly linkWatch?: LinkWatch;
  /** Takes every second of every machine, where the network knows them. */
  readonly onHostSecond?: ((row: HostSecond) => void) | undefined;
  /** Of clients on this machine. */
  readonly clientRuntime: ClientRuntime;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A run's result, and the records that it was computed from. */
export interface RunOutcome {
  readonly result: RunResult;
  readonly report: ClientReport;
  readonly parts: RunParts;
  /** Absent where nodes show none that are to be kept. */
  readonly nodeMetrics?: ShownMetrics | undefined;
  /** Absent where links are not emulated. */
  readonly linkProbes?: LinkProbes | undefined;
}
