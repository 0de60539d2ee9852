/** The published form of what each load-generating client did: a part of a run's. */
import type { GeneratorFigures } from "../../../contracts/results/generator.ts";
import type { ClientOutcome } from "../../../contracts/results/result.ts";
import { present, rounded } from "../numbers.ts";
import { latencyJson, msJson } from "./latency-json.ts";
import { ledgerJson } from "./ledger-json.ts";

function generatorJson(figures: GeneratorFigures) {
  const ratio = (value: number | undefined) => (value === undefined ? undefined : rounded(value));
  return present({
    lateness_p99_max_ms: msJson(figures.latenessP99MaxMs),
    loop_delay_max_ms: msJson(figures.loopDelayMaxMs),
    cpu_mean_ratio: ratio(figures.cpuMeanRatio),
    cpu_max_ratio: ratio(figures.cpuMaxRatio),
    gc_pause_total_ms: msJson(figures.gcPauseTotalMs),
    gc_pause_max_ms: msJson(figures.gcPauseMaxMs),
  });
}

export function clientJson({ name, host, startErrorMs, ledger, lateness, generator }: ClientOutcome) {
  return present({
    name,
    host,
    start_error_ms: msJson(startErrorMs),
    ledger: ledgerJson(ledger),
    lateness: latencyJson(lateness),
    generator: generator && generatorJson(generator),
  });
}
