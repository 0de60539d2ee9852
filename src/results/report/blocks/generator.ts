/** What the load generator saw of itself, and what its schedule shows that a closed loop would hide. */

import type { GeneratorFigures } from "../../../contracts/results/generator.ts";
import type { LatencyKind, Quantile } from "../../../contracts/results/latency.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { latenessLimitMs } from "../../analysis/verdict/verdict.ts";
import { formatFigure, formatForeign, formatMs } from "../text/figures.ts";

function figuresText(figures: GeneratorFigures): string {
  const { cpuMeanRatio, cpuMaxRatio, loopDelayMaxMs, gcPauseTotalMs } = figures;
  const known = [
    cpuMeanRatio === undefined || cpuMaxRatio === undefined
      ? []
      : [`CPU ${cpuMeanRatio.toFixed(2)} of a core (busiest second ${cpuMaxRatio.toFixed(2)})`],
    loopDelayMaxMs === undefined ? [] : [`event loop late by at most ${formatMs(loopDelayMaxMs)}`],
    gcPauseTotalMs === undefined ? [] : [`garbage collection ${formatMs(gcPauseTotalMs)} in all`],
  ].flat();
  return known.join(", ");
}

/**
 * A second whose sends were later than the limit, in a run whose sends were within it as a whole: no reason against
 * the run, but a reason to look at that second.
 */
function worstSecondText({ parameters, latency, latencyKind, lateness }: RunResult, atMs?: number): string[] {
  const limitMs = latenessLimitMs(latency[latencyKind]?.p50?.ms, parameters.limits);
  if (atMs === undefined || atMs <= limitMs || (lateness.p99?.ms ?? 0) > limitMs) return [];
  return [
    `  In its worst second p99 lateness of sends was ${formatMs(atMs)}, above the limit of ${formatMs(limitMs)}; over the window it was within.`,
  ];
}

/** How well clients of several machines began together; none where they go by one clock. */
function startSection({ clients }: RunResult): string[] {
  const errorsMs = clients.map(({ startErrorMs = 0 }) => startErrorMs).sort((a, b) => b - a);
  const [largest = 0, next = 0] = errorsMs;
  if (largest === 0) return [];
  const machines = new Set(clients.map(({ host }) => host)).size;
  const where = machines === 1 ? "1 machine" : `${machines} machines`;
  return [
    `CLIENTS: ${clients.length} on ${where}; their windows began within ${formatMs(largest + next)} of one another`,
  ];
}

/** How clients began, a line for each that knows anything of itself, and an empty one; none where nothing is known. */
export function generatorSection(result: RunResult): string[] {
  const { clients } = result;
  const lines = clients.flatMap(({ name, host, generator }) => {
    const text = generator === undefined ? "" : figuresText(generator);
    if (generator === undefined || text === "") return [];
    const whose = clients.length === 1 ? "" : `${formatForeign(name)} on ${formatForeign(host)}: `;
    return [`GENERATOR: ${whose}${text}`, ...worstSecondText(result, generator.latenessP99MaxMs)];
  });
  const all = [...startSection(result), ...lines];
  return all.length === 0 ? [] : [...all, ""];
}

/** From which ratio and difference of the two 99th percentiles on it is worth saying. */
const tellingRatio = 1.5;
const tellingDifferenceMs = 10;

/** Which latency counts from the due time, and its like from the send. */
const likes: Readonly<Record<RunResult["latencyKind"], LatencyKind>> = {
  commit: "commitService",
  response: "submit",
};

/**
 * Says so where latencies that are counted from the send, as a closed loop counts them, would hide what transactions
 * waited before it. Silent where the one to compare with is only a lower bound.
 */
export function closedLoopNote(result: Pick<RunResult, "latency" | "latencyKind">): string[] {
  const { latency, latencyKind } = result;
  const fromDue = latency[latencyKind]?.p99;
  const fromSend = latency[likes[latencyKind]]?.p99;
  if (fromDue === undefined || fromSend === undefined || fromSend.atLeast) return [];
  const isTelling =
    fromDue.ms >= tellingRatio * fromSend.ms && fromDue.ms - fromSend.ms >= tellingDifferenceMs;
  if (!isTelling) return [];
  return [
    `  p99 of ${latencyKind} is ${boundText(fromDue)} counted from when each was due; counted from the send, as a closed loop does, it would be ${formatMs(fromSend.ms)}.`,
    "  What lies between is the wait before the send: for a place in flight, and for the load generator itself.",
  ];
}

function boundText({ ms, atLeast }: Quantile): string {
  return `${atLeast ? "at least " : ""}${formatFigure(ms)} ms`;
}
