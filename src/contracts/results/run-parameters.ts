/** How a run was done, and what it is judged by. */
import type { LoadProfile } from "../load/load-profile.ts";
import type { TransportPlan } from "../load/transport.ts";
import type { ChosenProgram } from "../nodes/program.ts";

/** Limits a run is judged by; parameters with defaults. */
export interface VerdictLimits {
  /** p99 lateness of sends may reach the greater of this … */
  readonly latenessFloorMs: number;
  /** … and this share of the median headline latency, 0 to 1. */
  readonly latenessRatio: number;
  /** Sent / scheduled below this is the generator's fault, 0 to 1. */
  readonly achievedRatio: number;
}

/** How a run was done. */
export interface RunParameters {
  readonly networkType: "local" | "remote";
  readonly runtime: "docker" | "process";
  readonly protocol: string;
  /** What its user named in place of the program that the protocol's adapter would take. */
  readonly program?: ChosenProgram | undefined;
  /** Where clients ran; absent: on the machine that ran Baleen. */
  readonly clientPlacement?: "colocated" | "dedicated" | undefined;
  readonly nodes: number;
  /** With a closed profile the number of transactions in flight. */
  readonly loadTps: number;
  /** Length of the measurement window. */
  readonly durationSecs: number;
  readonly transactionSizeBytes: number;
  readonly warmUpSecs: number;
  readonly drainSecs: number;
  readonly requestTimeoutMs: number;
  readonly maxInFlight: number;
  readonly queueLimit: number;
  readonly transport: TransportPlan;
  /** Loads of the sweep share one network. */
  readonly keepNetwork: boolean;
  /** Options of the protocol, by its own names. */
  readonly protocolOptions: Readonly<Record<string, number | string>>;
  readonly arrival: "constant" | "poisson";
  /** Load-generating workers, each a thread. */
  readonly clients: number;
  /** How clients wait for the next due time: see PacingMode. */
  readonly pacing: "precise" | "balanced" | "eco";
  readonly profile: LoadProfile;
  readonly seed: string;
  /** Nodes that crash on purpose at once. */
  readonly faults: number;
  readonly crashRecovery: boolean;
  readonly crashIntervalSecs: number;
  /** Transactions of a node that cannot be reached go to the next one; else they fail. */
  readonly failover: boolean;
  /** More nodes may crash than the committee tolerates. */
  readonly allowNoQuorum: boolean;
  readonly limits: VerdictLimits;
}
