import { until } from "../../src/core/async.ts";
import { readProcess } from "../../src/core/process/processes.ts";

/** Waits until a value is there. */
export function eventually<T>(what: string, probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  return until(probe, { timeoutMs: 15_000, everyMs: 10, describe: () => `Not seen: ${what}` });
}

export function untilGone(pid: number): Promise<true> {
  return eventually(`end of process ${pid}`, async () => {
    return (await readProcess(pid)) === undefined ? true : undefined;
  });
}
