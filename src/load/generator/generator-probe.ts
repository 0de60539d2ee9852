import { PerformanceObserver } from "node:perf_hooks";
import * as self from "node:process";

/** What a load generator can ask of the process that it runs in. Disposing ends the watching. */
export interface GeneratorProbe extends Disposable {
  /**
   * CPU time that the calling thread has used so far, milliseconds; of its process, where the runtime does not tell
   * the thread's (Node.js before 23.9).
   */
  readonly cpuMs: () => number;
}

/** Begins to watch this thread; each pause for garbage collection is told soon after its end. */
export type OpenProbe = (onGcPause: (lengthMs: number) => void) => GeneratorProbe;

// Asked for by name, it would keep older runtimes from loading this file.
const usage = (): NodeJS.CpuUsage => self.threadCpuUsage?.() ?? self.cpuUsage();

/** Watches the thread that calls it. */
export const openGeneratorProbe: OpenProbe = (onGcPause) => {
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
};
