import type { RunResult } from "../../../contracts/results/result.ts";
import type { JudgedProbe, SearchSettings } from "../../../contracts/results/search.ts";

/**
 * Says whether a run's load was sustained: throughput near enough to it, p99 of the headline latency within its limit
 * where there is one, and a backlog that does not grow.
 *
 * A generator-limited run within all terms counts as sustained: what came late and in bursts was the harder load, and
 * its lateness stands in the latency. Beyond a term nobody knows whose doing that was.
 */
export function judgeProbe(run: RunResult, options: SearchSettings): JudgedProbe {
  const { benchmarkNumber, parameters, verdict } = run;
  const probe = { benchmarkNumber, loadTps: parameters.loadTps };
  if (verdict.status === "invalid") return { ...probe, status: "invalid", reasons: verdict.reasons };
  const beyond = [
    ...beyondEfficiency(run, options),
    ...beyondLatency(run, options),
    ...beyondBacklog(run, options),
  ];
  if (beyond.length === 0) return { ...probe, status: "sustained", reasons: [] };
  if (verdict.status === "valid") return { ...probe, status: "not-sustained", reasons: beyond };
  return { ...probe, status: "generator-limited", reasons: [...beyond, ...verdict.reasons] };
}

/** Rounded away from the limit, so that nothing is said to be beyond the very number that is its limit. */
const below = (ratio: number) => `${(Math.floor(ratio * 1000 + 1e-9) / 10).toFixed(1)} %`;
const above = (ratio: number) => `${(Math.ceil(ratio * 1000 - 1e-9) / 10).toFixed(1)} %`;
const limit = (ratio: number) => `limit ${Number((ratio * 100).toFixed(3))} %`;

function beyondEfficiency({ efficiencyRatio }: RunResult, options: SearchSettings): string[] {
  // Absent in a closed loop alone, and a search makes none.
  if (efficiencyRatio === undefined || efficiencyRatio >= options.efficiencyRatio) return [];
  return [`efficiency ${below(efficiencyRatio)}, ${limit(options.efficiencyRatio)}`];
}

function beyondLatency({ latency, latencyKind }: RunResult, { latencyMs }: SearchSettings): string[] {
  if (latencyMs === undefined) return [];
  const headline = latency[latencyKind];
  const p99 = headline?.p99;
  if (p99 === undefined) return [`no ${latencyKind} latency was seen, limit ${latencyMs} ms`];
  const p99Name = `p99 ${latencyKind} latency`;
  if (p99.ms > latencyMs) {
    const bound = p99.atLeast ? "at least " : "";
    return [`${p99Name} ${bound}${p99.ms.toFixed(1)} ms, limit ${latencyMs} ms`];
  }
  if (!p99.atLeast) return [];
  // A lower bound below the limit shows nothing, and no load is sustained that nobody saw sustained.
  const known = `is only known to be at least ${p99.ms.toFixed(1)} ms, ${headline?.censored} not seen`;
  return [`${p99Name} ${known}, limit ${latencyMs} ms`];
}

/** Within two standard errors of the limit it may be chance: where in a second the blocks happened to come. */
function beyondBacklog(run: RunResult, options: SearchSettings): string[] {
  const { backlogGrowthRatio: growth, backlogGrowthErrorRatio: error = 0 } = run;
  if (growth === undefined || growth <= options.backlogGrowthRatio + 2 * error) return [];
  const chance = error < 0.001 ? "" : ` + twice its standard error of ${below(error)}`;
  return [`the backlog grew by ${above(growth)} of the load, ${limit(options.backlogGrowthRatio)}${chance}`];
}
