/** What a look at a host finds. Whatever could not be told is undefined: nothing is guessed. */

export type EngineAccess =
  /** Through its socket, which is open to the connection's user. */
  | { readonly kind: "socket"; readonly path: string }
  /** By root: `sudo -n docker system dial-stdio`. */
  | { readonly kind: "sudo" };

/** How commands can be run by root. */
export type SudoState =
  /** The connection's user is root. */
  | "root"
  | "passwordless"
  /** sudo is there and wants a password, or does not let this user. */
  | "password"
  | "missing";

export type InitSystem = "systemd" | "openrc" | "sysv" | "none";

export type PackageTool = "apt" | "dnf" | "yum" | "apk" | "none";

export interface ListeningPort {
  readonly port: number;
  /** Seen for the user's own processes; for all of them by root. */
  readonly process?: { readonly pid: number; readonly name: string } | undefined;
}

export interface PublishedPort {
  readonly port: number;
  readonly container: string;
  /** Set on containers of ours: the value of their label baleen.run. */
  readonly run?: string | undefined;
}

/** An engine that answers, and what it says of itself. */
export interface EngineFacts {
  readonly access: EngineAccess;
  readonly version: string;
  readonly storageDriver: string | undefined;
  readonly rootless: boolean;
  readonly publishedPorts: readonly PublishedPort[];
}

export interface DockerFacts {
  readonly clientPath: string | undefined;
  /** The docker command is Podman's, which speaks Docker's language in part. */
  readonly podman: boolean;
  readonly enginePath: string | undefined;
  readonly snap: boolean;
  /** The engine that answers, by the best way to it; undefined where none does. */
  readonly engine: EngineFacts | undefined;
  /** Why none answers, in the docker command's own words. */
  readonly engineFailure: string | undefined;
}

export interface HostFacts {
  /** The host's name among the hosts. */
  readonly host: string;
  /** "ubuntu@10.0.1.11:22", for messages. */
  readonly description: string;
  /** `uname -s`: "Linux". */
  readonly kernelName: string | undefined;
  readonly kernelRelease: string | undefined;
  /** From os-release: "debian". */
  readonly osId: string | undefined;
  readonly osIdLike: readonly string[];
  /** "Debian GNU/Linux 12 (bookworm)". */
  readonly osName: string | undefined;
  /** In Docker's words: "amd64", "arm64", "arm", "386"; others as uname names them. */
  readonly architecture: string | undefined;
  readonly cpus: number | undefined;
  readonly cpuModel: string | undefined;
  /** "kvm", "docker", "none" and the like, as systemd-detect-virt names them. */
  readonly virtualization: string | undefined;
  readonly memoryTotalBytes: number | undefined;
  readonly memoryAvailableBytes: number | undefined;
  /** Where Docker keeps, or would keep, its images. */
  readonly dataDisk: { readonly path: string; readonly freeBytes: number } | undefined;
  readonly user: string | undefined;
  readonly sudo: SudoState;
  readonly init: InitSystem;
  readonly packageTool: PackageTool;
  readonly docker: DockerFacts;
  readonly listening: readonly ListeningPort[] | undefined;
  readonly clockSynchronized: boolean | undefined;
}
