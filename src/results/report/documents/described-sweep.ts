/** What a sweep would do, told before it is run. */

import type { SweepParameters } from "../../../contracts/parameters.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { formatAssertion } from "../../../options/rules/assertion.ts";
import { planRuns } from "../../analysis/schedule/schedule.ts";
import { formatSearchSettings } from "../blocks/search.ts";
import { formatAsked, formatDuration } from "../text/figures.ts";

/** Seconds that runs take at least: warm-ups and windows. undefined in a search, where they show on the way. */
function shortestSecs(parameters: SweepParameters): number | undefined {
  if (parameters.search !== undefined) return undefined;
  return planRuns(parameters).reduce((sum, { loadTps }) => {
    const { warmUpSecs, windowSecs } = phaseLengths(parameters, loadTps);
    return sum + warmUpSecs + windowSecs;
  }, 0);
}

const runsOf = (parameters: SweepParameters) =>
  parameters.search === undefined ? planRuns(parameters).length : undefined;

/** The same for programs. */
export function sweepFacts(parameters: SweepParameters) {
  const { protocol, networkType, runtime, committee, loadsTps, search } = parameters;
  const secs = shortestSecs(parameters);
  return {
    protocol: protocol.name,
    network_type: networkType,
    runtime,
    nodes: committee,
    ...(search === undefined
      ? { loads: loadsTps, runs: runsOf(parameters) }
      : { search: formatSearchSettings(search) }),
    ...(secs === undefined ? {} : { expected_secs: Math.round(secs) }),
  };
}

/** What would be done, a line each. */
export function describeSweep(sides: readonly SweepParameters[]): string[] {
  const [first] = sides;
  if (first === undefined) return [];
  const { search, loadsTps, profile, assertions, outputDir, fileOutput, drainSecs } = first;
  const unit = profile.kind === "closed" ? "in flight" : "tx/s";
  const runs = sides.map(runsOf);
  const secs = sides.map(shortestSecs);
  const total = secs.reduce<number | undefined>(
    (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
    0,
  );
  const lines: (readonly [string, string])[] = [
    ["Protocol", first.protocol.name],
    ...sides.map((side): readonly [string, string] => ["Network", describeNetwork(side)]),
    search === undefined
      ? ["Loads", `${loadsTps.map(formatAsked).join(", ")} ${unit}`]
      : ["Search", formatSearchSettings(search)],
    [
      "Runs in all",
      runs.every((one) => one !== undefined) ? runs.join(" + ") : "as many as the search needs",
    ],
    [
      "Duration",
      total === undefined
        ? `${formatAsked(first.durationSecs)} s a run`
        : `about ${formatDuration(total)}, besides the start of networks and at most ${formatAsked(drainSecs)} s per run for outstanding transactions`,
    ],
    ...(assertions.length === 0 ? [] : [["Thresholds", assertions.map(formatAssertion).join(", ")] as const]),
    ["Results", fileOutput ? outputDir : "no files"],
  ];
  return lines.map(([name, value]) => `  ${name}: ${value}`);
}

function describeNetwork({ networkType, runtime, committee, remote }: SweepParameters): string {
  const nodes = `${committee} ${committee === 1 ? "node" : "nodes"}`;
  if (remote !== undefined)
    return `${networkType}, ${nodes} on ${remote.hosts.length} ${remote.hosts.length === 1 ? "host" : "hosts"}`;
  const how = runtime === "auto" ? "docker if an engine answers, otherwise processes" : runtime;
  return `${networkType}, ${nodes}, ${how}`;
}
