/** What watching the nodes' commits took, and which nodes had to be asked for them. */

import type { ObserverFigures } from "../../../contracts/results/generator.ts";
import type { NativeResult } from "../../../contracts/results/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { cpuUsPerCommit } from "../../schema/run.ts";
import { formatAsked, formatForeign, formatMs } from "../text/figures.ts";

/** Where commits were seen by asking: latencies are no finer than that. None where every node had a subscription. */
export function polledSection({ observer }: Pick<RunResult, "observer">): string[] {
  const polled = observer?.polled ?? [];
  const everyMs = longestPeriodMs(polled);
  if (everyMs === undefined) return [];
  const nodes = polled.map(({ node }) => formatForeign(node)).join(", ");
  return [
    `  Without a subscription, polled every ${formatAsked(everyMs)} ms: ${nodes}. Commits there are seen up to so much later.`,
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
