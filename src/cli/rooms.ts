import type { ClientRuntime } from "../client/local-process.ts";
import type { RemoteParameters, SweepParameters } from "../config/parameters.ts";
import type { ProtocolReference } from "../config/protocol-choice.ts";
import type { Deployer } from "../contracts/deployment.ts";
import type { HostLeftovers, HostRemoval, HostReport, RunLeftovers } from "../contracts/host-report.ts";
import type { SeenMachines, SeenNode } from "../contracts/seen-node.ts";
import type { Fault } from "../core/errors.ts";
import type { LockHolder } from "../core/lock.ts";
import type { FindProgram, OpenedProtocol } from "../protocol/open.ts";
import type { UnknownHostKey } from "../ssh/host-key.ts";
import type { Dialogue } from "./prompt.ts";
import type { OnStep } from "./steps.ts";

export type { RunLeftovers } from "../contracts/host-report.ts";

export interface ChosenDeployer {
  /** Absent where faults leave none. */
  readonly deployer?: Deployer | undefined;
  /** Why this runtime, where it was not asked for: "no Docker engine answers". */
  readonly reason?: string | undefined;
  readonly faults: readonly Fault[];
}

/** For whom a deployer is chosen. */
export interface SweepOccasion {
  /** Id of the sweep. */
  readonly run: string;
  /** Takes what is worth a warning before the sweep has begun. */
  readonly warn: (message: string) => void;
}

/** How long work is followed and ended. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly onStep: OnStep;
}

/** How hosts are looked at, while somebody may be asked about their keys. */
export interface HostCheckWatch extends Watch {
  /** Whether a key that no file knows is taken and remembered. Default: it is refused. */
  readonly approveHostKey?: (key: UnknownHostKey) => boolean;
}

/**
 * The hosts of a remote network. One that cannot be reached, or is not as it should be, is told in its report;
 * what concerns all of them rejects.
 */
export interface HostsRoom {
  /** Looks at all of them, and changes nothing there. */
  readonly check: (remote: RemoteParameters, watch: HostCheckWatch) => Promise<readonly HostReport[]>;
  /** Installs and starts what is missing, on all of them at once. */
  readonly prepare: (remote: RemoteParameters, watch: Watch) => Promise<readonly HostReport[]>;
  readonly leftovers: (remote: RemoteParameters, watch: Watch) => Promise<readonly HostLeftovers[]>;
  /** The nodes on them, over connections that stay until it is disposed of. */
  readonly openNodes: (remote: RemoteParameters, watch: Watch) => Promise<SeenMachines>;
  /** Removes what carries the labels of these runs, and with `images` what later runs would reuse. */
  readonly remove: (
    remote: RemoteParameters,
    what: { readonly runs: readonly string[]; readonly images: boolean },
    watch: Watch,
  ) => Promise<readonly HostRemoval[]>;
}

/** Hosts made for a trial: containers with sshd on this machine. */
export interface TestbedRoom {
  /** Makes them and writes the hosts file; replaces those that it made before. */
  readonly up: (
    request: { readonly count: number; readonly docker: boolean; readonly hostsFile: string },
    watch: Watch,
  ) => Promise<{
    /** "host0" and "ubuntu@127.0.1.1:22". */
    readonly hosts: readonly { readonly name: string; readonly address: string }[];
    readonly hostsFile: string;
    /** Where the nodes' ports are not to be reached from here. */
    readonly rpcVia?: "ssh" | undefined;
  }>;
  /** @returns what was removed, a line each: "4 containers" */
  readonly down: (request: { readonly images: boolean }, watch: Watch) => Promise<readonly string[]>;
}

/** What the commands need of the rooms below. Made in one place, so that the commands can be tested without an engine. */
export interface Rooms {
  /** The adapter of the system under test. */
  readonly openProtocol: (reference: ProtocolReference) => OpenedProtocol;
  /** Absolute path of the program of a name; undefined where no folder of PATH has it. */
  readonly findProgram: FindProgram;
  /** Of clients on this machine. */
  readonly clientRuntime: ClientRuntime;
  readonly chooseDeployer: (
    parameters: SweepParameters,
    occasion: SweepOccasion,
    signal: AbortSignal,
  ) => Promise<ChosenDeployer>;
  /** Takes this machine's lock; rejects, naming the holder, where another run has it. */
  readonly lock: (run: string, signal: AbortSignal) => Promise<AsyncDisposable>;
  /** The living holder of this machine's lock. */
  readonly lockHolder: () => Promise<LockHolder | undefined>;
  /** The nodes of all runs on this machine, dead ones too. */
  readonly listNodes: (signal: AbortSignal) => Promise<readonly SeenNode[]>;
  readonly listLeftovers: (signal: AbortSignal) => Promise<readonly RunLeftovers[]>;
  /** Removes everything that carries this run's label, and ends its processes and removes their files. */
  readonly removeLeftovers: (run: string, signal: AbortSignal) => Promise<void>;
  /** Images that later runs would reuse, by name. */
  readonly listImages: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Those that a container uses stay. */
  readonly removeImages: (
    signal: AbortSignal,
  ) => Promise<{ readonly removed: readonly string[]; readonly inUse: readonly string[] }>;
  /** Questions on this process's terminal; undefined where it has none. */
  readonly openDialogue: (signal: AbortSignal) => Dialogue | undefined;
  readonly hosts: HostsRoom;
  readonly testbed: TestbedRoom;
}
