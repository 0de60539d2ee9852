/** What the load generator saw of itself in one second of a run. */
export interface GeneratorSecond {
  /** Of the sends due in this second; absent where there was none. */
  readonly latenessP99Ms?: number | undefined;
  /** Longest time that its event loop was late. */
  readonly loopDelayMaxMs?: number | undefined;
  /** CPU time of its process per second, 1 being one core. */
  readonly cpuRatio?: number | undefined;
  /** Time that garbage collection stopped it for, in all. */
  readonly gcPauseMs?: number | undefined;
}

/** The same over the measurement window. Absent values could not be had. */
export interface GeneratorFigures {
  readonly loopDelayMaxMs?: number | undefined;
  readonly cpuMeanRatio?: number | undefined;
  /** Of its busiest second. */
  readonly cpuMaxRatio?: number | undefined;
  readonly gcPauseTotalMs?: number | undefined;
  /** Of the second with the most. */
  readonly gcPauseMaxMs?: number | undefined;
}
