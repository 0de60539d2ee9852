import type { Emit } from "../contracts/events.ts";
import type { Clock } from "../core/clock.ts";
import type { ClientPlan, ClientReport } from "../load/client-plan.ts";
import type { ClientPlacement, ProtocolName } from "../load/process/messages.ts";
import type { ClientRun } from "./result.ts";

/** One load, driven by the clients of all placements together. */
export interface DriveRequest {
  readonly placements: readonly ClientPlacement[];
  readonly protocol: ProtocolName;
  /** All that is not one client's own; `maxInFlight` and `queueLimit` are of all together. */
  readonly plan: Omit<ClientPlan, "client" | "share">;
  readonly clock: Clock;
  /** Phases and seconds are emitted once for the run; what clients say comes as they say it. */
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface DriveOutcome {
  readonly clients: readonly ClientRun[];
  /** Of all clients together. */
  readonly report: ClientReport;
}

/** Opens all placements, begins all windows at the same moment, and puts together what comes back. */
export type DriveClients = (request: DriveRequest) => Promise<DriveOutcome>;
