import { cpuUsage, memoryUsage, uptime } from "node:process";

/** What this process has used so far. */
export interface Usage {
  /** CPU time of all its threads, seconds. */
  readonly cpuSecs: number;
  /** Resident memory, bytes. */
  readonly memoryBytes: number;
  /** Since its start, seconds. */
  readonly upSecs: number;
}

export function readUsage(): Usage {
  const { user, system } = cpuUsage();
  return { cpuSecs: (user + system) / 1e6, memoryBytes: memoryUsage.rss(), upSecs: uptime() };
}
