/** The inverse of latency-json.ts. */
import type { LatencySummary, Quantile } from "../../../contracts/results/result.ts";
import type { Fields } from "../fields.ts";

function parseQuantile(fields: Fields, name: string): Quantile | undefined {
  const ms = fields.numberIfAny(`${name}_ms`);
  if (ms !== undefined) return { ms, atLeast: false };
  const bound = fields.numberIfAny(`${name}_ms_at_least`);
  return bound === undefined ? undefined : { ms: bound, atLeast: true };
}

export function parseLatency(fields: Fields): LatencySummary {
  return {
    count: fields.count("count"),
    censored: fields.count("censored"),
    sumUs: fields.whole("sum_us"),
    sumOfSquaresUs: fields.whole("sum_of_squares_us2"),
    meanMs: fields.numberIfAny("mean_ms"),
    stdDevMs: fields.numberIfAny("std_dev_ms"),
    minMs: fields.numberIfAny("min_ms"),
    maxMs: fields.numberIfAny("max_ms"),
    p50: parseQuantile(fields, "p50"),
    p90: parseQuantile(fields, "p90"),
    p95: parseQuantile(fields, "p95"),
    p99: parseQuantile(fields, "p99"),
    p999: parseQuantile(fields, "p999"),
  };
}
