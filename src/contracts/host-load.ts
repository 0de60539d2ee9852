/** What else went on on the machines of a run: whoever measures wants to know who else was there. */

/** One second of one machine. Ratios are of all its cores; what the machine does not tell is absent. */
export interface HostSecond {
  /** "coordinator", or the host's name. */
  readonly host: string;
  /** Whole seconds since the start of the measurement window; negative before it. */
  readonly second: number;
  /** CPU time of all, 0 to 1. */
  readonly busyRatio?: number | undefined;
  /** CPU time that neither the nodes nor the load generator used, 0 to 1. */
  readonly backgroundRatio?: number | undefined;
  /** Time that the hypervisor kept from it, 0 to 1. */
  readonly stealRatio?: number | undefined;
  /** Mean clock of its cores. */
  readonly frequencyMhz?: number | undefined;
  readonly memoryAvailableBytes?: number | undefined;
  /** Share of the second in which at least one task waited for memory (pressure stall information), 0 to 1. */
  readonly memoryPressureRatio?: number | undefined;
  /** Received and sent by its own interfaces, loopback left out. */
  readonly networkBytesPerSec?: number | undefined;
}

/** One machine over the measurement window. */
export interface HostLoad {
  readonly host: string;
  /** Containers that run there and are not this run's. */
  readonly otherContainers?: readonly string[] | undefined;
  /** Just before the load begins, without the nodes' and the generator's own use. */
  readonly before?: HostFigures | undefined;
  readonly window?: HostFigures | undefined;
  /** Seconds of the window in which a limit was passed. */
  readonly disturbedSecs: number;
}

/** Means over a time, and extremes where they say more. */
export interface HostFigures {
  readonly secs: number;
  readonly backgroundMeanRatio?: number | undefined;
  readonly backgroundMaxRatio?: number | undefined;
  readonly stealMeanRatio?: number | undefined;
  readonly frequencyMeanMhz?: number | undefined;
  readonly memoryAvailableLeastBytes?: number | undefined;
  readonly memoryPressureMaxRatio?: number | undefined;
  readonly networkMeanBytesPerSec?: number | undefined;
}

/** Whether the machines were left alone. */
export interface EnvironmentReport {
  /** By name, the coordinator first. Empty where no machine tells. */
  readonly hosts: readonly HostLoad[];
  /** A limit was passed for longer than allowed: the window is marked; with strictEnvironment the run is invalid. */
  readonly disturbed: boolean;
  /** A sentence each, with figure and limit. */
  readonly reasons: readonly string[];
}
