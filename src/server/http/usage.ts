/** What a process has used so far. */
export interface Usage {
  /** CPU time of all its threads, seconds. */
  readonly cpuSecs: number;
  /** Resident memory, bytes. */
  readonly memoryBytes: number;
  /** Since its start, seconds. */
  readonly upSecs: number;
}
