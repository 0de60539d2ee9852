import { PerformanceObserver } from "node:perf_hooks";
import * as self from "node:process";

/**
 * CPU time that the calling thread has used so far, milliseconds; of its process, where the runtime does not tell the
 * thread's (Node.js before 23.9).
 */
export function threadCpuMs(): number {
  // Asked for by name, it would keep older runtimes from loading this file.
  const { user, system } = self.threadCpuUsage?.() ?? self.cpuUsage();
  return (user + system) / 1000;
}

/** Tells each pause for garbage collection of the calling thread soon after its end, until it is disposed of. */
export function watchGcPauses(onPause: (lengthMs: number) => void): Disposable {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) onPause(duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  return { [Symbol.dispose]: () => observer.disconnect() };
}

/**
 * CPU time that a thread uses per time, from one look to the next; 1 is one core.
 *
 * @returns looks: undefined where no time has passed since the last look
 */
export function openCpuShare(cpuTimeMs: () => number, monotonicMs: () => number): () => number | undefined {
  let [lastCpuMs, lastMs] = [cpuTimeMs(), monotonicMs()];
  return () => {
    const [cpuMs, atMs] = [cpuTimeMs(), monotonicMs()];
    const [usedMs, passedMs] = [cpuMs - lastCpuMs, atMs - lastMs];
    [lastCpuMs, lastMs] = [cpuMs, atMs];
    return passedMs > 0 ? usedMs / passedMs : undefined;
  };
}
