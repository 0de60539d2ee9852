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
import type { NodeName } from "../nodes/node.ts";
import type { Host } from "./host.ts";

/** Name of the machine that this program runs on, among those of a run; no host has it. */
export const coordinatorName = "coordinator";

/** A process that belongs to the run, by the number that its machine gives it. */
export interface OwnProcess {
  readonly pid: number;
  /** Its container: numbers of another machine, or of a virtual one inside this one, are told by it. */
  readonly containerId?: string | undefined;
  /** The node that it is. */
  readonly node?: NodeName | undefined;
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

/** One second of one node, from the counters of its process; what could not be had is absent. */
export interface NodeSecond {
  readonly node: NodeName;
  /** CPU time per second, 1 being one core. */
  readonly cpuRatio?: number | undefined;
  /** Resident memory at its end, bytes. */
  readonly memoryBytes?: number | undefined;
  /** Calls of read and write in it. */
  readonly reads?: number | undefined;
  readonly writes?: number | undefined;
}

export const environmentLimitsForm = record(
  "Limits for activity that is not part of the run, per second and for the window.",
  {
    backgroundPercent: given("CPU time of other programs in a second, percent of all cores."),
    stealPercent: given("CPU time that the hypervisor stole in a second, percent of all cores."),
    memoryPressurePercent: given("Share of a second in which a task waited for memory, percent."),
    disturbedPercent: given("Share of the window's seconds that may exceed a limit, percent."),
  },
);

/** Percent, as they are given. */
export interface EnvironmentLimits extends Of<typeof environmentLimitsForm> {}

const figures = record(
  "One machine over some seconds, from the rows of host-load.csv. Unknown values are omitted.",
  {
    secs: natural("Number of observed seconds."),
    backgroundSecs: count("Observed seconds with figures for other programs."),
    backgroundMeanRatio: asPercent(
      "CPU time of programs other than nodes and load generator, percent of all cores: mean of the seconds. Because CPU time is counted in ticks, a quiet machine can be slightly below 0.",
    ).optional(),
    backgroundMaxRatio: asPercent("The same: maximum of the seconds.").optional(),
    stealMeanRatio: asPercent(
      "CPU time that the hypervisor stole, percent of all cores: mean of the seconds.",
    ).optional(),
    stealMaxRatio: asPercent("The same: maximum of the seconds.").optional(),
    frequencyMeanMhz: measured("Mean clock of the cores, MHz: mean of the seconds.").optional(),
    frequencyMaxMhz: measured("The same: maximum of the seconds.").optional(),
    memoryAvailableLeastBytes: given("Available memory, bytes: minimum of the seconds.", {}).optional(),
    memoryPressureMaxRatio: asPercent(
      "Share of a second in which a task waited for memory, percent: maximum of the seconds.",
    ).optional(),
    networkMeanBytesPerSec: measured(
      "Traffic of its own interfaces, received and sent, bytes per second: mean of the seconds.",
    ).optional(),
  },
  { id: "host_figures" },
);

export interface HostFigures extends Of<typeof figures> {}

const hostLoad = record("One machine.", {
  host: text("coordinator, or the host's name."),
  otherContainers: list(
    "Names of running containers that are not part of this run, at most 20; omitted if no engine reports them.",
    text("One name."),
  ).optional(),
  before: figures.as("Just before the load starts, with the network up.").optional(),
  window: figures.as("Whole seconds of the measurement window.").optional(),
  disturbedSecs: count(
    "Seconds of the window that exceeded a limit, or whose CPU clock was more than 20 % below that of the fastest tenth of the seconds.",
  ),
});

/** One machine over the measurement window. One that tells nothing has no window. */
export interface HostLoad extends Of<typeof hostLoad> {}

export const environmentForm = record(
  "Whether other programs disturbed the machines; omitted if not observed.",
  {
    disturbed: flag(
      "On some machine, too many seconds of the window exceeded a limit or had a slow CPU clock.",
    ),
    reasons: list("One sentence per exceeded limit, with figure and limit.", text("One sentence.")),
    strict: flag("A disturbed window, or a machine without these measurements, makes the run invalid."),
    limits: environmentLimitsForm,
    hosts: list("Every machine of the run, the coordinator first.", hostLoad),
  },
);

export interface EnvironmentReport extends Of<typeof environmentForm> {}
