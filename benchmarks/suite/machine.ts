/** What the figures were taken on. */
import { availableParallelism, cpus, loadavg, release, type as systemType, totalmem } from "node:os";

export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
  /** Processes that ran or wanted to, over the minute before: near 0 on a machine that is ours alone. */
  readonly loadBefore: number;
  readonly startedAt: string;
}

export function readMachineFacts(): MachineFacts {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${systemType()} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    startedAt: new Date().toISOString(),
  };
}
