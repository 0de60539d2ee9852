import type { SecondRow } from "../../contracts/events.ts";
import type { GeneratorFigures, GeneratorSecond } from "../../contracts/generator.ts";
import type { Clock } from "../../core/clock.ts";
import { largest } from "../tally/second-tally.ts";
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

/** Sums up a generator's seconds, as they are emitted: those that begin in the window. */
export class GeneratorSummary {
  readonly #windowSecs: number;
  #latenessP99MaxMs: number | undefined;
  #loopDelayMaxMs: number | undefined;
  #cpuMaxRatio: number | undefined;
  #cpuSum = 0;
  #cpuSecs = 0;
  #gcPauseTotalMs: number | undefined;
  #gcPauseMaxMs: number | undefined;

  constructor(windowMs: number) {
    this.#windowSecs = windowMs / 1000;
  }

  add(row: Pick<SecondRow, "second"> & GeneratorSecond): void {
    const { second, latenessP99Ms, loopDelayMaxMs, cpuRatio, gcPauseMs } = row;
    if (second < 0 || second >= this.#windowSecs) return;
    this.#latenessP99MaxMs = largest([this.#latenessP99MaxMs, latenessP99Ms]);
    this.#loopDelayMaxMs = largest([this.#loopDelayMaxMs, loopDelayMaxMs]);
    this.#cpuMaxRatio = largest([this.#cpuMaxRatio, cpuRatio]);
    this.#gcPauseMaxMs = largest([this.#gcPauseMaxMs, gcPauseMs]);
    if (gcPauseMs !== undefined) this.#gcPauseTotalMs = (this.#gcPauseTotalMs ?? 0) + gcPauseMs;
    if (cpuRatio === undefined) return;
    this.#cpuSum += cpuRatio;
    this.#cpuSecs++;
  }

  figures(): GeneratorFigures {
    return {
      latenessP99MaxMs: this.#latenessP99MaxMs,
      loopDelayMaxMs: this.#loopDelayMaxMs,
      cpuMeanRatio: this.#cpuSecs === 0 ? undefined : this.#cpuSum / this.#cpuSecs,
      cpuMaxRatio: this.#cpuMaxRatio,
      gcPauseTotalMs: this.#gcPauseTotalMs,
      gcPauseMaxMs: this.#gcPauseMaxMs,
    };
  }
}
