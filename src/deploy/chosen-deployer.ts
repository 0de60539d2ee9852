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

/** What `testbed ls` knows of some test hosts. */
export interface ListedTestbed {
  readonly name: string;
  readonly hosts: readonly {
    readonly name: string;
    /** As Docker says it: "running", "exited". */
    readonly state: string;
    /** "ubuntu@127.0.1.1:22"; undefined where it does not run. */
    readonly address: string | undefined;
  }[];
  /** undefined where its start was killed before there was a host. */
  readonly image: string | undefined;
  /** Wall time, milliseconds since 1970. */
  readonly createdAtMs: number | undefined;
  readonly hostsFile: string | undefined;
  /** Runs that hold the locks of its hosts. */
  readonly usedBy: readonly { readonly run: string; readonly holder: string; readonly since: string }[];
}

/** Hosts made for a trial: containers with sshd on this machine. Several of different names may stand side by side. */
export interface Testbed {
  /** Makes them and writes the hosts file; replaces those of the same name, unless a run uses them. */
  readonly up: (
    request: {
      readonly name: string;
      readonly count: number;
      readonly docker: boolean;
      readonly hostsFile: string;
    },
    watch: Watch,
  ) => Promise<{
    /** "host0" and "ubuntu@127.0.1.1:22". */
    readonly hosts: readonly { readonly name: string; readonly address: string }[];
    readonly hostsFile: string;
    /** Where the nodes' ports are not to be reached from here. */
    readonly rpcVia?: "ssh" | undefined;
  }>;
  /** @returns what was removed, a line each: "4 containers" */
  readonly down: (
    request: { readonly name: string; readonly images: boolean },
    watch: Watch,
  ) => Promise<readonly string[]>;
  readonly list: (watch: Watch) => Promise<readonly ListedTestbed[]>;
}
