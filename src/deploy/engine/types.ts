/** What we ask of a Docker engine, in our own terms; engine.ts does it. */
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

/** What an engine is and has, as it says itself. */
export interface EngineInfo {
  /** Folder of images, containers and volumes on its machine. */
  readonly dataRoot: string;
  /** "overlay2", "overlayfs", "btrfs", … */
  readonly storageDriver: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** "28.2.2" */
  readonly serverVersion: string;
  readonly rootless: boolean;
  /** "1" or "2" */
  readonly cgroupVersion: string;
  /** Registries that it asks before Docker Hub. */
  readonly registryMirrors: readonly string[];
  /** Its wall clock, ns since 1970, when it answered. */
  readonly timeNs: bigint;
}

export interface ImageSummary {
  /** "sha256:…"; the same image has another one in an engine that keeps its images in containerd. */
  readonly id: string;
  readonly tags: readonly string[];
  readonly labels: Labels;
}

export interface ImageInfo extends ImageSummary {
  /** "linux" */
  readonly os: string;
  /** As Docker says it: "amd64", "arm64". */
  readonly architecture: string;
  readonly sizeBytes: number;
  /** Digest of its layers and of what it starts: the same wherever the image is, however the engine keeps it. */
  readonly contentDigest: string;
  /** Under which registries have it: "node@sha256:…"; none for an image that was never pulled. */
  readonly registryDigests: readonly string[];
}

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
  }[];
  /** Of its machine's processors, 1.5 is one and a half; undefined: no limit. */
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Default "bridge". */
  readonly networkMode?: string | undefined;
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

export interface ExecOptions {
  /** Standard input; default: none. */
  readonly input?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** A command that ran in a container. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NetworkInfo {
  readonly id: string;
  readonly name: string;
  readonly labels: Labels;
  /** "172.17.0.0/16"; none for the networks host and none. */
  readonly subnets: readonly string[];
}

export interface PublishedPort {
  /** Address on the host; "0.0.0.0" and "::" are all of them. */
  readonly host: string;
  readonly port: number;
  readonly containerPort: number;
}

export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** "created", "running", "paused", "restarting", "exited", "dead" */
  readonly state: string;
  readonly labels: Labels;
  /** By the engine's wall clock, milliseconds since 1970, to the second. */
  readonly createdAtMs: number;
  /** Ports that are held now; a container that does not run holds none. */
  readonly ports: readonly PublishedPort[];
}

export interface ContainerState {
  /** As in ContainerSummary. */
  readonly state: string;
  readonly exitCode: number;
  /** "sha256:…" of its image. */
  readonly imageId: string;
  /** Its first process, as the engine's machine numbers it; absent where it does not run. */
  readonly pid?: number | undefined;
}

/** How a container's output is followed. */
export interface FollowOptions {
  /** How many lines of what is there come first. */
  readonly tailLines: number | "all";
  /** Nothing from before this moment of the engine's clock, ns since 1970. */
  readonly sinceNs?: bigint | undefined;
  readonly onText: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A container's process ended. */
export interface ContainerDeath {
  readonly id: string;
  readonly exitCode: number;
}

/** Use of its machine by a running container. */
export interface ContainerUse {
  readonly cpuSecs: number;
  readonly memoryBytes: number;
}

/** Called with what a long action says of its progress. */
export type Progress = (line: string) => void;

/** Resources that bear a label: `name` alone (whatever its value) or `name=value`. */
export type LabelFilter = string;

/** A connection to one Docker engine. Every method rejects with a DockerError that says what and what to do. */
export interface Engine {
  /** Address and where it was found: "unix:///var/run/docker.sock (default)". */
  readonly description: string;
  /** Another machine's: what it says of processes is not about those here. */
  readonly remote: boolean;
  readonly version: () => Promise<EngineVersion>;
  readonly info: () => Promise<EngineInfo>;

  /** undefined where there is none of that name or id. */
  readonly inspectImage: (name: string) => Promise<ImageInfo | undefined>;
  readonly listImages: (label: LabelFilter) => Promise<ImageSummary[]>;
  /** Builds an image without a name from a context with a Dockerfile; returns its id. */
  readonly buildImage: (
    context: Readable,
    options: { onProgress: Progress; signal: AbortSignal },
  ) => Promise<string>;
  /** `name` without tag. */
  readonly tagImage: (id: string, name: string, tag: string) => Promise<void>;
  readonly pullImage: (name: string, options: { onProgress: Progress; signal: AbortSignal }) => Promise<void>;
  /**
   * Takes in an archive as `docker save` writes it, compressed or not; destroys the stream where that fails.
   *
   * @returns the names of what was in it, or the id of an image without a name
   */
  readonly loadImage: (
    archive: Readable,
    options: { onProgress: Progress; signal: AbortSignal },
  ) => Promise<readonly string[]>;
  /** The archive of an image, uncompressed. */
  readonly saveImage: (name: string, signal: AbortSignal) => Promise<Readable>;
  /** Fails with status 409 where a container uses it. */
  readonly removeImage: (id: string) => Promise<void>;
  /**
   * Runs a container of its own to its end, without network, and removes it.
   *
   * @param options.timeoutMs how long it is waited for; one that runs longer is killed, and has no exit code
   */
  readonly runOnce: (options: {
    image: string;
    entrypoint: readonly string[];
    labels: Labels;
    timeoutMs?: number | undefined;
    signal: AbortSignal;
  }) => Promise<{ exitCode: number | undefined; output: string }>;

  /**
   * Makes a container, not started: without capabilities, never restarted by the engine, its log bounded.
   *
   * @returns its id
   * @throws DockerError with reason "name-taken"; a port that is taken shows at its start ("port-taken")
   */
  readonly createContainer: (spec: ContainerSpec) => Promise<string>;
  /**
   * Runs a command in a running container. Where the signal or the time ends it, it is not waited for any more, but
   * goes on in the container: Docker cannot stop it.
   */
  readonly execIn: (id: string, argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;

  /** Opens the standard streams of a container that is `driven` and not started yet, so that nothing is missed. */
  readonly attach: (id: string, signal: AbortSignal) => Promise<ContainerStreams>;

  /** Running or not. */
  readonly listContainers: (filter?: { label: LabelFilter }) => Promise<ContainerSummary[]>;
  /** undefined where there is no such container. */
  readonly inspectContainer: (id: string) => Promise<ContainerState | undefined>;
  /** Unpacks a tar archive into a folder of a container, started or not. */
  readonly putArchive: (id: string, archive: Readable, folder: string) => Promise<void>;
  readonly start: (id: string) => Promise<void>;
  /** Ends it gracefully, by force after `graceMs`; false where it did not run. */
  readonly stop: (id: string, graceMs: number) => Promise<boolean>;
  /** SIGKILL; false where it did not run. */
  readonly kill: (id: string) => Promise<boolean>;
  readonly pause: (id: string) => Promise<void>;
  readonly unpause: (id: string) => Promise<void>;
  /** By force, anonymous volumes too; content where it is gone already. */
  readonly removeContainer: (id: string) => Promise<void>;
  /** Both streams of its output in the order the engine has them. */
  readonly logs: (id: string, tailLines: number) => Promise<string>;
  /** The same, and what comes until its process ends: resolves then. Rejects on abort. */
  readonly followLogs: (id: string, options: FollowOptions) => Promise<void>;
  /** undefined where it does not run. */
  readonly stats: (id: string) => Promise<ContainerUse | undefined>;
  /**
   * Tells of every container with that label whose process ends, from now on, until the signal aborts; survives a
   * lost connection. Resolves once it listens.
   */
  readonly watchDeaths: (
    label: LabelFilter,
    listener: (death: ContainerDeath) => void,
    signal: AbortSignal,
  ) => Promise<void>;

  /** Content where there is one of that name already. */
  readonly createVolume: (name: string, labels: Labels) => Promise<void>;
  /** Names. */
  readonly listVolumes: (label: LabelFilter) => Promise<{ name: string; labels: Labels }[]>;
  readonly removeVolume: (name: string) => Promise<void>;
  readonly listNetworks: (label: LabelFilter) => Promise<NetworkInfo[]>;
  /** Those of others too. */
  readonly listAllNetworks: () => Promise<NetworkInfo[]>;
  readonly removeNetwork: (id: string) => Promise<void>;
}
