/** What we ask of a Docker engine, in our own terms; engine.ts does it. */
import type { Readable } from "node:stream";

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

export interface ImageInfo {
  /** "sha256:…" */
  readonly id: string;
  readonly tags: readonly string[];
  readonly labels: Labels;
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
  /** Ports that are held now; a container that does not run holds none. */
  readonly ports: readonly PublishedPort[];
}

export interface ContainerState {
  /** As in ContainerSummary. */
  readonly state: string;
  readonly exitCode: number;
  /** "sha256:…" of its image. */
  readonly imageId: string;
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
  readonly version: () => Promise<EngineVersion>;

  /** undefined where there is none of that name or id. */
  readonly inspectImage: (name: string) => Promise<ImageInfo | undefined>;
  readonly listImages: (label: LabelFilter) => Promise<ImageInfo[]>;
  /** Builds an image without a name from a context with a Dockerfile; returns its id. */
  readonly buildImage: (
    context: Readable,
    options: { onProgress: Progress; signal: AbortSignal },
  ) => Promise<string>;
  /** `name` without tag. */
  readonly tagImage: (id: string, name: string, tag: string) => Promise<void>;
  readonly pullImage: (name: string, options: { onProgress: Progress; signal: AbortSignal }) => Promise<void>;
  /** Fails with status 409 where a container uses it. */
  readonly removeImage: (id: string) => Promise<void>;
  /** Runs a container of its own to its end, without network, and removes it. */
  readonly runOnce: (options: {
    image: string;
    entrypoint: readonly string[];
    labels: Labels;
    signal: AbortSignal;
  }) => Promise<{ exitCode: number; output: string }>;

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

  /** Names. */
  readonly listVolumes: (label: LabelFilter) => Promise<{ name: string; labels: Labels }[]>;
  readonly removeVolume: (name: string) => Promise<void>;
  readonly listNetworks: (label: LabelFilter) => Promise<{ id: string; name: string; labels: Labels }[]>;
  readonly removeNetwork: (id: string) => Promise<void>;
}
