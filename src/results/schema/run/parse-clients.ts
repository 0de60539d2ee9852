/** The inverse of clients-json.ts. */
import type { GeneratorFigures } from "../../../contracts/results/generator.ts";
import type { ClientOutcome } from "../../../contracts/results/result.ts";
import type { Fields } from "../fields.ts";
import { parseLatency } from "./parse-latency.ts";
import { parseLedger } from "./parse-ledger.ts";

function parseGenerator(fields: Fields): GeneratorFigures {
  return {
    latenessP99MaxMs: fields.numberIfAny("lateness_p99_max_ms"),
    loopDelayMaxMs: fields.numberIfAny("loop_delay_max_ms"),
    cpuMeanRatio: fields.numberIfAny("cpu_mean_ratio"),
    cpuMaxRatio: fields.numberIfAny("cpu_max_ratio"),
    gcPauseTotalMs: fields.numberIfAny("gc_pause_total_ms"),
    gcPauseMaxMs: fields.numberIfAny("gc_pause_max_ms"),
  };
}

export function parseClient(fields: Fields): ClientOutcome {
  return {
    name: fields.text("name"),
    host: fields.text("host"),
    startErrorMs: fields.numberIfAny("start_error_ms"),
    ledger: parseLedger(fields.object("ledger")),
    lateness: parseLatency(fields.object("lateness")),
    generator: fields.optional("generator", (key) => parseGenerator(fields.object(key))),
  };
}
