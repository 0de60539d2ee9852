import type { SecondRow } from "../../contracts/events.ts";
import type { GeneratorFigures, GeneratorSecond } from "../../contracts/results/generator.ts";
import { largest } from "../stats/largest.ts";

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
