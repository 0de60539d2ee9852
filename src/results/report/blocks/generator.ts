/** What the load generator and the commit observer saw of themselves, and what a closed loop would hide. */

import type { GeneratorFigures, ObserverFigures } from "../../../contracts/results/generator.ts";
import type { LatencyKind, Quantile } from "../../../contracts/results/latency.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { latenessLimitMs } from "../../analysis/verdict/verdict.ts";
import { cpuUsPerCommit } from "../../schema/run.ts";
import { formatAsked, formatFigure, formatMs } from "../text/figures.ts";

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
    "  The difference is the wait before the send: for a free place in flight, and for the load generator itself.",
  ];
}

function boundText({ ms, atLeast }: Quantile): string {
  return `${atLeast ? "at least " : ""}${formatFigure(ms)} ms`;
}

/** Where commits were seen by asking: latencies are no finer than that. None where every node had a subscription. */
export function polledSection({ observer }: Pick<RunResult, "observer">): string[] {
  const polled = observer?.polled ?? [];
  const everyMs = longestPeriodMs(polled);
  if (everyMs === undefined) return [];
  const nodes = polled.map(({ node }) => formatForeign(node)).join(", ");
  return [
    `  Polled every ${formatAsked(everyMs)} ms without a subscription: ${nodes}. Their commits are observed up to that much later.`,
  ];
}

/** What latencies of these runs are measured by: "commit", or "commit (some nodes polled every 20 ms)". */
export function measuredBy(
  runs: readonly (Pick<RunResult, "latencyKind" | "observer"> | Pick<NativeResult, "latencyKind">)[],
): string {
  const kinds = [...new Set(runs.map(({ latencyKind }) => latencyKind))].join(" and ");
  const everyMs = longestPeriodMs(
    runs.flatMap((run) => ("observer" in run ? (run.observer?.polled ?? []) : [])),
  );
  return everyMs === undefined ? kinds : `${kinds} (some nodes polled every ${formatAsked(everyMs)} ms)`;
}

function longestPeriodMs(polled: ObserverFigures["polled"]): number | undefined {
  return polled.length === 0 ? undefined : Math.max(...polled.map(({ everyMs }) => everyMs));
}

/** One line and an empty one; none where commits were not observed. */
export function observerSection(result: RunResult): string[] {
  const { observer, parameters } = result;
  if (observer === undefined) return [];
  const { cpuMs, cpuMaxRatio, loopDelayP99Ms, loopDelayMaxMs } = observer;
  const usPerCommit = cpuUsPerCommit(result);
  const meanRatio = (cpuMs ?? 0) / (parameters.durationSecs * 1000);
  const busiest = cpuMaxRatio === undefined ? "" : ` (busiest second ${cpuMaxRatio.toFixed(2)})`;
  const known = [
    cpuMs === undefined ? [] : [`CPU ${meanRatio.toFixed(2)} of a core${busiest}`],
    usPerCommit === undefined ? [] : [`${usPerCommit.toFixed(1)} µs for each commit`],
    loopDelayP99Ms === undefined || loopDelayMaxMs === undefined
      ? []
      : [`event loop late by ${formatMs(loopDelayP99Ms)} at p99, ${formatMs(loopDelayMaxMs)} at most`],
  ].flat();
  const read = `${observer.blocks} blocks read`;
  return [`COMMIT OBSERVER: ${[read, ...known].join(", ")}`, ""];
}
