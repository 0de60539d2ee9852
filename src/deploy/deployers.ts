import type { Deployer } from "../contracts/deployment.ts";
import type { HostLeftovers, HostRemoval, HostReport, OnStep } from "../contracts/hosts/host-report.ts";
import type { SeenMachines } from "../contracts/nodes/seen-node.ts";
import type { RemoteParameters } from "../contracts/parameters.ts";
import type { Diagnostic } from "../core/errors.ts";
import type { UnknownHostKey } from "./ssh/keys/host-key.ts";

export type { RunLeftovers } from "../contracts/hosts/host-report.ts";

export interface ChosenDeployer {
  /** Absent where diagnostics leave none. */
  readonly deployer?: Deployer | undefined;
  /** Why this runtime, where it was not asked for: "no Docker engine answers". */
  readonly reason?: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** For whom a deployer is chosen. */
export interface SweepContext {
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
export interface RemoteHosts {
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
export interface Testbed {
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
