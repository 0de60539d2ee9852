import type { Deployer } from "../contracts/deployment.ts";
import type { OnStep } from "../contracts/hosts/host-report.ts";
import type { Diagnostic } from "../core/errors.ts";
import type { HostKeyOptions } from "./ssh/keys/host-key.ts";

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
export interface HostCheckWatch extends Watch, Pick<HostKeyOptions, "approveHostKey"> {}

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
