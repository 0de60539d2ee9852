/** What else went on on the machines of a run: whoever measures wants to know who else was there. */
import type { Host } from "./host.ts";

/** Name of the machine that this program runs on, among those of a run; no host has it. */
export const coordinatorName = "coordinator";

/** A process that belongs to the run, by the number that its machine gives it. */
export interface OwnProcess {
  readonly pid: number;
  /** Its container: numbers of another machine, or of a virtual one inside this one, are told by it. */
  readonly containerId?: string | undefined;
  /** CPU time of the children that it has waited for is its own. */
  readonly withChildren?: true;
}

/** A machine that takes part in a run, as far as it can be asked what goes on there. */
export interface Machine {
  /** `coordinatorName`, or the host's name. */
  readonly name: string;
  /** The way there; absent for the machine that this program runs on. */
  readonly host?: Host | undefined;
  /** Processes of nodes that run there now, and what serves them. Cheap enough for once a second. */
  readonly processes: () => Promise<readonly OwnProcess[]>;
  /** Names of containers that run there and are not this run's; undefined where no engine tells. */
  readonly otherContainers: () => Promise<readonly string[] | undefined>;
}

/** One second of one machine. Ratios are of all its cores; what the machine does not tell is absent. */
export interface HostSecond {
  /** `coordinatorName`, or the host's name. */
  readonly host: string;
  /** Whole seconds since the start of the measurement window; negative before it. */
  readonly second: number;
  /** CPU time of all, 0 to 1. */
  readonly busyRatio?: number | undefined;
  /**
   * CPU time that neither the nodes nor the load generator used. Systems count theirs and that of processes in ways
   * that differ by a tick here and there, so a quiet second can lie a little below 0.
   */
  readonly backgroundRatio?: number | undefined;
  /** Time that the hypervisor kept from it, 0 to 1. */
  readonly stealRatio?: number | undefined;
  /** Mean clock of its cores. */
  readonly frequencyMhz?: number | undefined;
  readonly memoryAvailableBytes?: number | undefined;
  /** Share of the second in which at least one task waited for memory (pressure stall information), 0 to 1. */
  readonly memoryPressureRatio?: number | undefined;
  /** Received and sent by its own interfaces; loopback and those between containers are left out. */
  readonly networkBytesPerSec?: number | undefined;
}

/** What a second, and a window of seconds, may have of what is not the run's own. Percent, as they are given. */
export interface EnvironmentLimits {
  /** Of all cores' time. */
  readonly backgroundPercent: number;
  /** Of all cores' time. */
  readonly stealPercent: number;
  /** Of the second. */
  readonly memoryPressurePercent: number;
  /** Of the window's seconds: so many may pass a limit. */
  readonly disturbedPercent: number;
}

/** One machine over the measurement window. */
export interface HostLoad {
  readonly host: string;
  /** Containers that run there and are not this run's, at most 20; absent where no engine tells. */
  readonly otherContainers?: readonly string[] | undefined;
  /** Just before the load begins, without the nodes' and the generator's own use. */
  readonly before?: HostFigures | undefined;
  readonly window?: HostFigures | undefined;
  /** Seconds of the window in which a limit was passed, or the clock had fallen. */
  readonly disturbedSecs: number;
}

/** Means over a time, and extremes where they say more. */
export interface HostFigures {
  readonly secs: number;
  /** Those of them in which it could be known what others did. */
  readonly backgroundSecs: number;
  readonly backgroundMeanRatio?: number | undefined;
  readonly backgroundMaxRatio?: number | undefined;
  readonly stealMeanRatio?: number | undefined;
  readonly stealMaxRatio?: number | undefined;
  readonly frequencyMeanMhz?: number | undefined;
  readonly frequencyMaxMhz?: number | undefined;
  readonly memoryAvailableLeastBytes?: number | undefined;
  readonly memoryPressureMaxRatio?: number | undefined;
  readonly networkMeanBytesPerSec?: number | undefined;
}

/** Whether the machines were left alone. */
export interface EnvironmentReport {
  /** The coordinator first. A machine that tells nothing has no window. */
  readonly hosts: readonly HostLoad[];
  /** A limit was passed for longer than allowed: the window is marked; where `strict`, the run is invalid. */
  readonly disturbed: boolean;
  /** A sentence each, with figure and limit. */
  readonly reasons: readonly string[];
  readonly limits: EnvironmentLimits;
  /** A disturbed window, or a machine that does not tell in nearly all of it, makes the run invalid. */
  readonly strict: boolean;
}
