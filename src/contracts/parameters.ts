import type { Cleanup } from "./deployment.ts";
import type { HostRequest } from "./hosts/host.ts";
import type { EnvironmentLimits } from "./hosts/host-load.ts";
import type { LinkMechanism } from "./links/shaping.ts";
import type { ChosenProtocol } from "./protocol-choice.ts";
import type { Assertion } from "./results/assertion.ts";
import type { RunParameters } from "./results/run-parameters.ts";
import type { SearchSettings } from "./results/search.ts";

/**
 * Where clients run. coordinator: on the machine that runs Baleen; colocated: on each host that has nodes, which its
 * own clients drive; dedicated: on machines that have nothing else to do.
 */
export type ClientPlacementKind = "coordinator" | "colocated" | "dedicated";

/** How hosts over SSH are reached, and what runs there. */
export interface RemoteParameters {
  /** Each named once; together they hold the committee. */
  readonly hosts: readonly HostRequest[];
  readonly clientPlacement: ClientPlacementKind;
  /** Machines for clients alone, each named once; none unless clients run on such. */
  readonly clientHosts: readonly HostRequest[];
  /** Where they are described; undefined: the environment, or the caller's own program. */
  readonly hostsFile?: string | undefined;
  /** How that file is given: default --hosts. */
  readonly hostsFlag?: "--config" | undefined;
  /** What an unknown host key means: an error, a new line in the file of known hosts, or nothing at all. */
  readonly hostKeyPolicy: "strict" | "accept-new" | "insecure";
  /** undefined: ~/.ssh/known_hosts and the system's. */
  readonly knownHostsFile?: string | undefined;
  /** Longest wait for a connection to a host. */
  readonly sshTimeoutSecs: number;
  /** Whether clients reach the nodes' RPC directly, or through the SSH connection (closed ports). */
  readonly rpcVia: "direct" | "ssh";
  /** Image of the nodes; undefined: the one that is made here and sent. */
  readonly image?: string | undefined;
  /** The hosts fetch the image from its registry. */
  readonly pull: boolean;
  /** Limits of each node's container; undefined: none. */
  readonly cpus?: number | undefined;
  readonly memoryMiB?: number | undefined;
}

/** Links between the nodes, emulated. */
export interface LinksParameters {
  /** A named map, or a file; with what flags change of it. For people, and to tell sweeps apart. */
  readonly name: string;
  /** A links file as plain JSON, flags folded in; checked. */
  readonly document: Readonly<Record<string, unknown>>;
  /** undefined: the first that a trial accepts. */
  readonly mechanism?: LinkMechanism | undefined;
  /** Where a part of the document stands: "links.yaml:12". Not kept in a bundle. */
  readonly placeOf?: ((path: readonly (string | number)[]) => string) | undefined;
}

/** What happens to nodes and links within the window. */
export interface TimelineParameters {
  /** A preset, or a file. */
  readonly name: string;
  /** The entries of a timeline file as plain JSON; checked. */
  readonly entries: readonly unknown[];
  /** Where each of them stands: "timeline.yaml:12". */
  readonly places: readonly string[];
}

/** What differs from run to run, or is not known before; results/run-parameters.ts tells of it. */
type OfOneRun =
  | "nodes"
  | "loadTps"
  | "runtime"
  | "protocol"
  | "clientPlacement"
  | "warmUpSecs"
  | "requestTimeoutMs"
  | "clients"
  | "pacing"
  | "links"
  | "timeline";

/** Everything a sweep needs to know, checked. The command line, a file or a library's caller makes it. */
export interface SweepParameters extends Omit<RunParameters, OfOneRun> {
  readonly protocol: ChosenProtocol;
  /** Present where networkType is remote. */
  readonly remote?: RemoteParameters | undefined;
  /** auto: docker where an engine answers, else process. */
  readonly runtime: "auto" | "docker" | "process";
  readonly committee: number;
  /** In this order; transactions per second, fractions too; in flight with a closed profile. Empty in a search. */
  readonly loadsTps: readonly number[];
  /** Of each load, in rounds: every load once, then every load again. */
  readonly runs: number;
  /** Looks for the highest sustained load, one run a probe. */
  readonly search?: SearchSettings | undefined;
  /** Absent: traffic between nodes is left as it is, unless the timeline changes it. */
  readonly links?: LinksParameters | undefined;
  readonly timeline?: TimelineParameters | undefined;
  /** Length of the measurement window; ignored where numTransactions is set. */
  readonly durationSecs: number;
  /** Exactly this many transactions are due in the window, whose length follows from the load. */
  readonly numTransactions?: number | undefined;
  /** undefined: 10 % of the duration and at least 2 s. */
  readonly warmUpSecs?: number | undefined;
  readonly requestTimeoutSecs: number;
  /** Load-generating workers; auto: as many as the load needs, and cores allow. */
  readonly clients: number | "auto";
  /** auto: precise where clients have cores for themselves, else balanced. */
  readonly pacing: RunParameters["pacing"] | "auto";
  /** Upper bound for readiness. */
  readonly startupWaitSecs: number;
  /** What the last load's network leaves behind. */
  readonly cleanup: Cleanup;
  /** undefined: ./docker-compose.yml where it labels nodes, else the packaged one. */
  readonly dockerComposePath?: string | undefined;
  /** Container port by which nodes are known in a foreign compose file. */
  readonly rpcPort: number;
  /** First port of this machine for the RPC of local nodes: node i has that + i. undefined: as the runtime chooses. */
  readonly rpcBasePort?: number | undefined;
  /** The same for their metrics. */
  readonly metricsBasePort?: number | undefined;
  /** The nodes' RPC is spoken to over TLS; `caFile` holds authorities besides the system's. Absent: in the clear. */
  readonly rpcTls?: { readonly caFile?: string | undefined } | undefined;
  readonly outputDir: string;
  readonly fileOutput: boolean;
  /** A generator-limited run counts as failed. */
  readonly strict: boolean;
  /** A run on machines that were disturbed, or do not tell, is invalid. */
  readonly strictEnvironment: boolean;
  readonly environmentLimits: EnvironmentLimits;
  /** What the results are held to; the sweep has failed where one does not hold. */
  readonly assertions: readonly Assertion[];
  /** Bundle of an earlier sweep, to which assertions with a change in % refer. */
  readonly baseline?: string | undefined;
}
