/**
 * What the load generator saw of itself in one second of a run. Of several clients: the worst one's, since each has a
 * thread of its own. What could not be had is absent.
 */
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

/** The same over the measurement window: the seconds that begin in it, whose rows the time series holds. */
export interface GeneratorFigures {
  /** Of the second with the latest sends. */
  readonly latenessP99MaxMs?: number | undefined;
  readonly loopDelayMaxMs?: number | undefined;
  readonly cpuMeanRatio?: number | undefined;
  /** Of its busiest second. */
  readonly cpuMaxRatio?: number | undefined;
  readonly gcPauseTotalMs?: number | undefined;
  /** Of the second with the most. */
  readonly gcPauseMaxMs?: number | undefined;
}

/**
 * What watching the nodes' commits took, over the measurement window. Of several observers: counts and CPU time are of
 * all together, delays of the worst one. What could not be had is absent.
 */
export interface ObserverFigures {
  /** Blocks that were read, at every node. */
  readonly blocks: number;
  /** Transactions in them, whoever sent them: each one as often as nodes showed it. */
  readonly transactions: number;
  /** Length of the messages that they came in. */
  readonly bytes: number;
  /** CPU time of the observers' threads. */
  readonly cpuMs?: number | undefined;
  /** Of the busiest second of the busiest one, 1 being one core. */
  readonly cpuMaxRatio?: number | undefined;
  /** How late the event loop came to what waited for it, such as a block to be read: taken every few milliseconds. */
  readonly loopDelayP99Ms?: number | undefined;
  readonly loopDelayMaxMs?: number | undefined;
  /** Longest time from a block's being read to its commits' being told. Commits count from when they were read. */
  readonly lagMaxMs?: number | undefined;
  /** Nodes that had no subscription, and were asked for new blocks so often: their commits are seen so much later. */
  readonly polled: readonly { readonly node: string; readonly everyMs: number }[];
}
