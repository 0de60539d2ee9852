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
  "What the load generator saw of itself: over the seconds of timeseries.csv that begin in the window. What could not be had is absent.",
  {
    latenessP99MaxMs: amount(
      "99th percentile of the lateness of the transactions due in one second, of the second where it was largest, milliseconds.",
    ).optional(),
    loopDelayMaxMs: amount(
      "Longest time by which its event loop came back later than it was asked to, milliseconds.",
    ).optional(),
    cpuMeanRatio: amount(
      "CPU time of its thread per second, mean; 1 is one core. Of its process, where the Node.js that it runs on does not tell the thread's.",
    ).optional(),
    cpuMaxRatio: amount("The same in its busiest second.").optional(),
    gcPauseTotalMs: amount("Time that garbage collection stopped it for, in all, milliseconds.").optional(),
    gcPauseMaxMs: amount("The same in the second with the most, milliseconds.").optional(),
  },
);

/** The same over the measurement window: the seconds that begin in it, whose rows the time series holds. */
export interface GeneratorFigures extends Of<typeof generatorForm> {}

export const observerForm = record(
  "What watching the nodes' commits took, in the measurement window. Absent where commits could not be observed; what could not be had is absent.",
  {
    blocks: count("Blocks that were read, at every node."),
    transactions: count(
      "Transactions in these blocks, from any sender; one counts once for each node that showed it.",
    ),
    bytes: count("Length of the messages that they came in, bytes.").keyed("message_bytes"),
    cpuMs: amount("CPU time of the threads that watch, milliseconds.").optional(),
    cpu_us_per_commit: amount("The same for each of observed_in_window, microseconds.").ifKnown().derived(),
    cpuMaxRatio: amount("Of the busiest second of the busiest thread, 1 being one core.").optional(),
    loopDelayP99Ms: amount(
      "How late the event loop came to what waited for it, such as a block to be read: 99th percentile over the window, milliseconds. The verdict rests on it.",
    ).optional(),
    loopDelayMaxMs: amount("The longest such delay, milliseconds.").optional(),
    lagMaxMs: amount(
      "Longest time from the reading of a block to the counting of its commits, milliseconds. Commits count from the reading.",
    ).optional(),
    polled: list(
      "Nodes that gave no subscription and were asked for new blocks: their commits are seen up to so much later.",
      record("One node.", {
        node: text("Name of the node."),
        everyMs: amount("Milliseconds from one asking to the next."),
      }),
    ),
  },
);

/** Of several observers: counts and CPU time are of all together, delays of the worst one. */
export interface ObserverFigures extends Of<typeof observerForm> {}
