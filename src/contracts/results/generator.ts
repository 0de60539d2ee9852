/** What the load generator saw of itself, and what watching the nodes' commits took. */
import { type Of, record } from "../../core/documents/form.ts";
import { amount, count, list, text } from "../../core/documents/form-values.ts";

/** One second of a load generator; of several clients the worst one's. What could not be had is absent. */
export interface GeneratorSecond {
  /** Of the transactions due in this second, those of the warm-up included; absent where there was none. */
  readonly latenessP99Ms?: number | undefined;
  /** Longest time by which its event loop came back later than it was asked to. */
  readonly loopDelayMaxMs?: number | undefined;
  /** CPU time of its thread (of its process, where the runtime does not tell the thread's) per second, 1 being one core. */
  readonly cpuRatio?: number | undefined;
  /** Time that garbage collection stopped it for, in all. */
  readonly gcPauseMs?: number | undefined;
}

export const generatorForm = record(
  "Measurements of the load generator itself, over the seconds of timeseries.csv that begin in the window. Unknown values are omitted.",
  {
    latenessP99MaxMs: amount(
      "99th percentile of the lateness of the transactions due in one second, milliseconds, for the second where it was largest.",
    ).optional(),
    loopDelayMaxMs: amount("Longest delay of its event loop, milliseconds.").optional(),
    cpuMeanRatio: amount(
      "CPU time of its thread per second, mean; 1 is one core. CPU time of its process if its Node.js does not report the thread's.",
    ).optional(),
    cpuMaxRatio: amount("CPU time in its busiest second.").optional(),
    gcPauseTotalMs: amount("Total pause time of garbage collection, milliseconds.").optional(),
    gcPauseMaxMs: amount("Pause time of garbage collection in the worst second, milliseconds.").optional(),
  },
);

/** The same over the measurement window: the seconds that begin in it, whose rows the time series holds. */
export interface GeneratorFigures extends Of<typeof generatorForm> {}

export const observerForm = record(
  "Cost of observing the nodes' commits in the measurement window. Omitted if commits could not be observed; unknown values are omitted.",
  {
    blocks: count("Blocks read, over all nodes."),
    transactions: count(
      "Transactions in these blocks, from any sender; each counts once per node that reported it.",
    ),
    bytes: count("Size of the messages that contained them, bytes.").keyed("message_bytes"),
    cpuMs: amount("CPU time of the observing threads, milliseconds.").optional(),
    cpu_us_per_commit: amount("CPU time per transaction of observed_in_window, microseconds.")
      .ifKnown()
      .derived(),
    cpuMaxRatio: amount("CPU time of the busiest thread in its busiest second; 1 is one core.").optional(),
    loopDelayP99Ms: amount(
      "Delay of the event loop, for example before it reads a block: 99th percentile over the window, milliseconds. The verdict depends on it.",
    ).optional(),
    loopDelayMaxMs: amount("The longest such delay, milliseconds.").optional(),
    lagMaxMs: amount(
      "Longest time from reading a block to counting its commits, milliseconds. Commits have the time of the reading.",
    ).optional(),
    polled: list(
      "Nodes without a subscription, which were polled for new blocks: their commits are observed up to one interval later.",
      record("One node.", {
        node: text("Name of the node."),
        everyMs: amount("Polling interval, milliseconds."),
      }),
    ),
  },
);

/** Of several observers: counts and CPU time are of all together, delays of the worst one. */
export interface ObserverFigures extends Of<typeof observerForm> {}
