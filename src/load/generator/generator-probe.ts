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

/** CPU time that a thread uses per time, from one look to the next; 1 is one core. */
export class CpuShare {
  readonly #probe: Pick<GeneratorProbe, "cpuMs">;
  readonly #clock: Clock;
  #cpuMs: number;
  #atMs: number;

  constructor(probe: Pick<GeneratorProbe, "cpuMs">, clock: Clock) {
    this.#probe = probe;
    this.#clock = clock;
    this.#cpuMs = probe.cpuMs();
    this.#atMs = clock.monotonicMs();
  }

  /** Since the last look; undefined where no time has passed. */
  next(): number | undefined {
    const [cpuMs, atMs] = [this.#probe.cpuMs(), this.#clock.monotonicMs()];
    const [usedMs, passedMs] = [cpuMs - this.#cpuMs, atMs - this.#atMs];
    [this.#cpuMs, this.#atMs] = [cpuMs, atMs];
    return passedMs > 0 ? usedMs / passedMs : undefined;
  }
}
