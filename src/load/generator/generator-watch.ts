import type { Clock } from "../../core/clock.ts";
import type { GeneratorProbe } from "./generator-probe.ts";

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
