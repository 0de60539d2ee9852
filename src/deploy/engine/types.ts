/** What a Docker engine is asked for and tells, in our own terms. */
import type { Readable, Writable } from "node:stream";

export interface EngineVersion {
  /** "28.2.2" */
  readonly version: string;
  readonly apiVersion: string;
  /** "linux" or "windows" */
  readonly os: string;
  /** As Docker says it: "amd64", "arm64". */
  readonly arch: string;
}

export type Labels = Readonly<Record<string, string>>;

/** A container to be made. What is not said here is Docker's default, save for what createContainer names. */
export interface ContainerSpec {
  readonly image: string;
  readonly name: string;
  /** Instead of the image's own. */
  readonly entrypoint?: readonly string[] | undefined;
  /** Behind the entrypoint; none: what the image has there, unless the entrypoint is another one. */
  readonly args: readonly string[];
  /** "1000:1000" instead of the image's own. */
  readonly user?: string | undefined;
  readonly labels: Labels;
  readonly env: Readonly<Record<string, string>>;
  /** Volumes to mount; those that are not there yet are made, with the container's labels. */
  readonly volumes: readonly { readonly name: string; readonly path: string }[];
  readonly ports: readonly {
    /** Address of the engine's machine: "127.0.0.1", "0.0.0.0". */
    readonly hostAddress: string;
    readonly hostPort: number;
    readonly containerPort: number;
    /** Default "tcp". */
    readonly protocol?: "udp" | undefined;
  }[];
  /** Of its machine's processors, 1.5 is one and a half; undefined: no limit. */
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Default "bridge". */
  readonly networkMode?: string | undefined;
  /** It sees the processes of its machine … */
  readonly sharesProcesses?: boolean | undefined;
  /** … and its file system, mounted read-only in that folder, without what is in /run. */
  readonly machineFolder?: string | undefined;
  /** What it may do beside what every program may: "NET_ADMIN". Default: nothing. */
  readonly capabilities?: readonly string[] | undefined;
  /** Nothing forbids system calls that its capabilities allow. */
  readonly isUnconfined?: boolean | undefined;
  /** Of its network namespace: "net.ipv4.ip_forward" → "1". */
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  /**
   * It is driven over its standard streams (attach), by one connection: its input ends with that. The engine keeps no
   * log of it.
   */
  readonly driven?: boolean | undefined;
}

/** Standard streams of a container, for as long as it runs. They fail where the way to the engine is lost. */
export interface ContainerStreams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

export interface FollowOptions {
  /** How many lines of what is there come first. */
  readonly tailLines: number | "all";
  /** Nothing from before this moment of the engine's clock, ns since 1970. */
  readonly sinceNs?: bigint | undefined;
  readonly onText: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface ContainerDeath {
  readonly id: string;
  readonly exitCode: number;
}

/** How an action that takes long is followed and ended. */
export interface LongAction {
  readonly onProgress?: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Resources that bear a label: `name` alone (whatever its value) or `name=value`. */
export type LabelFilter = string;
