import type { SweepParameters } from "../config/parameters.ts";
import type { Deployer } from "../contracts/deployment.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { Fault } from "../core/errors.ts";

/** What a run left on this machine. */
export interface RunLeftovers {
  readonly run: string;
  /** A living orchestrator still works with it: never removed. */
  readonly inUse: boolean;
  /** "container node0 (running)", "volume …": a line each. */
  readonly what: readonly string[];
}

export interface ChosenDeployer {
  /** Absent where faults leave none. */
  readonly deployer?: Deployer | undefined;
  /** Why this runtime, where it was not asked for: "no Docker engine answers". */
  readonly reason?: string | undefined;
  readonly faults: readonly Fault[];
}

/** What the commands need of the rooms below. Made in one place, so that the commands can be tested without an engine. */
export interface Rooms {
  readonly protocol: Protocol;
  readonly chooseDeployer: (parameters: SweepParameters, signal: AbortSignal) => Promise<ChosenDeployer>;
  /** Takes this machine's lock; rejects, naming the holder, where another run has it. */
  readonly lock: (run: string, signal: AbortSignal) => Promise<AsyncDisposable>;
  readonly listLeftovers: (signal: AbortSignal) => Promise<readonly RunLeftovers[]>;
  /** Removes everything that carries this run's label, and ends its processes and removes their files. */
  readonly removeLeftovers: (run: string, signal: AbortSignal) => Promise<void>;
  /** Images that later runs would reuse, by name. */
  readonly listImages: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Those that a container uses stay. */
  readonly removeImages: (
    signal: AbortSignal,
  ) => Promise<{ readonly removed: readonly string[]; readonly inUse: readonly string[] }>;
}
