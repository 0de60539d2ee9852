import { PerformanceObserver } from "node:perf_hooks";
import * as self from "node:process";
import type { Clock } from "../../core/clock.ts";

/** What a load generator can ask of the process that it runs in. Disposing ends the watching. */
export interface GeneratorProbe extends Disposable {
  /**
   * CPU time that the calling thread has used so far, milliseconds; of its process, where the runtime does not tell
   * the thread's (Node.js before 23.9).
   */
  readonly cpuMs: () => number;
}

// Asked for by name, it would keep older runtimes from loading this file.
const usage = (): NodeJS.CpuUsage => self.threadCpuUsage?.() ?? self.cpuUsage();

/** Watches the thread that calls it; each pause for garbage collection is told soon after its end. */
export function openGeneratorProbe(onGcPause: (lengthMs: number) => void): GeneratorProbe {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) onGcPause(duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  return {
    cpuMs: () => {
      const { user, system } = usage();
      return (user + system) / 1000;
    },
    [Symbol.dispose]: () => observer.disconnect(),
  };
}

/**
 * CPU time that a thread uses per time, from one look to the next; 1 is one core.
 *
 * @returns looks: undefined where no time has passed since the last look
 */
export function openCpuShare(
  probe: Pick<GeneratorProbe, "cpuMs">,
  clock: Pick<Clock, "monotonicMs">,
): () => number | undefined {
  let [lastCpuMs, lastMs] = [probe.cpuMs(), clock.monotonicMs()];
  return () => {
    const [cpuMs, atMs] = [probe.cpuMs(), clock.monotonicMs()];
    const [usedMs, passedMs] = [cpuMs - lastCpuMs, atMs - lastMs];
    [lastCpuMs, lastMs] = [cpuMs, atMs];
    return passedMs > 0 ? usedMs / passedMs : undefined;
  };
}
