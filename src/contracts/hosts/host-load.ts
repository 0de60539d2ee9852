/** What else went on on the machines of a run: whoever measures wants to know who else was there. */
import { type Of, record } from "../../core/documents/form.ts";
import {
  asPercent,
  count,
  flag,
  given,
  list,
  measured,
  natural,
  text,
} from "../../core/documents/form-values.ts";
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
  /** CPU time of others than nodes and load generator; counted in ticks, it can come out a little below 0. */
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

export const environmentLimitsForm = record(
  "What a second, and the window, may have of what is not the run's own.",
  {
    backgroundPercent: given("CPU time of others in a second, percent of all cores."),
    stealPercent: given("CPU time that the hypervisor kept in a second, percent of all cores."),
    memoryPressurePercent: given("Share of a second in which a task waited for memory, percent."),
    disturbedPercent: given("Share of the window's seconds that may pass a limit, percent."),
  },
);

/** Percent, as they are given. */
export interface EnvironmentLimits extends Of<typeof environmentLimitsForm> {}

const figures = record(
  "One machine over some seconds, from the rows of host-load.csv. What it does not tell is left out.",
  {
    secs: natural("Seconds seen."),
    backgroundSecs: count("Those of them in which it could be known what others did."),
    backgroundMeanRatio: asPercent(
      "CPU time of others than nodes and load generator, percent of all cores: mean of the seconds. Counting in ticks, a quiet machine can come out a little below 0.",
    ).optional(),
    backgroundMaxRatio: asPercent("The same, largest of the seconds.").optional(),
    stealMeanRatio: asPercent(
      "CPU time that the hypervisor kept, percent of all cores: mean of the seconds.",
    ).optional(),
    stealMaxRatio: asPercent("The same, largest of the seconds.").optional(),
    frequencyMeanMhz: measured("Mean clock of the cores, MHz: mean of the seconds.").optional(),
    frequencyMaxMhz: measured("The same, largest of the seconds.").optional(),
    memoryAvailableLeastBytes: given(
      "Memory that could still be had, bytes: least of the seconds.",
      {},
    ).optional(),
    memoryPressureMaxRatio: asPercent(
      "Share of a second in which a task waited for memory, percent: largest of the seconds.",
    ).optional(),
    networkMeanBytesPerSec: measured(
      "Received and sent by its own interfaces, bytes per second: mean of the seconds.",
    ).optional(),
  },
  { id: "host_figures" },
);

export interface HostFigures extends Of<typeof figures> {}

const hostLoad = record("One machine.", {
  host: text("coordinator, or the host's name."),
  otherContainers: list(
    "Names of containers that ran there and are not this run's, at most 20; absent where no engine tells.",
    text("One name."),
  ).optional(),
  before: figures.as("Just before the load began, with the network up.").optional(),
  window: figures.as("Whole seconds of the measurement window.").optional(),
  disturbedSecs: count(
    "Seconds of the window in which a limit was passed, or the clock was more than 20 % below that of the fastest tenth of its seconds.",
  ),
});

/** One machine over the measurement window. One that tells nothing has no window. */
export interface HostLoad extends Of<typeof hostLoad> {}

export const environmentForm = record("Whether the machines were left alone; absent where nobody looked.", {
  disturbed: flag(
    "On some machine more of the window's seconds than allowed passed a limit, or its clock fell.",
  ),
  reasons: list("A sentence for each limit that was passed, with figure and limit.", text("One sentence.")),
  strict: flag("A disturbed window, or a machine that does not tell, makes the run invalid."),
  limits: environmentLimitsForm,
  hosts: list("Every machine that takes part, the coordinator first.", hostLoad),
});

export interface EnvironmentReport extends Of<typeof environmentForm> {}
