import type { SecondRow } from "../../contracts/events.ts";
import type { GeneratorFigures, GeneratorSecond } from "../../contracts/results/generator.ts";
import { Spread } from "./spread.ts";

/** Sums up a generator's seconds, as they are emitted: those that begin in the window. */
export class GeneratorSummary {
  readonly #windowSecs: number;
  readonly #latenessP99Ms = new Spread();
  readonly #loopDelayMaxMs = new Spread();
  readonly #cpuRatio = new Spread();
  readonly #gcPauseMs = new Spread();

  constructor(windowMs: number) {
    this.#windowSecs = windowMs / 1000;
  }

  add(row: Pick<SecondRow, "second"> & GeneratorSecond): void {
    if (row.second < 0 || row.second >= this.#windowSecs) return;
    this.#latenessP99Ms.add(row.latenessP99Ms);
    this.#loopDelayMaxMs.add(row.loopDelayMaxMs);
    this.#cpuRatio.add(row.cpuRatio);
    this.#gcPauseMs.add(row.gcPauseMs);
  }

  figures(): GeneratorFigures {
    return {
      latenessP99MaxMs: this.#latenessP99Ms.max,
      loopDelayMaxMs: this.#loopDelayMaxMs.max,
      cpuMeanRatio: this.#cpuRatio.mean,
      cpuMaxRatio: this.#cpuRatio.max,
      gcPauseTotalMs: this.#gcPauseMs.total,
      gcPauseMaxMs: this.#gcPauseMs.max,
    };
  }
}
