/** What a sweep would do, told before it is run. */

import type { SweepParameters } from "../../../contracts/parameters.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { phaseLengths } from "../../../load/level/phases.ts";
import { formatAssertion } from "../../../options/rules/assertion.ts";
import { planRuns } from "../../analysis/schedule/schedule.ts";
import { formatSearchSettings } from "../blocks/search.ts";
import { type Entry, entryLines, formatAsked, formatCountOf, formatDuration } from "../text/figures.ts";

/** How many runs it has, and seconds that they take at least: warm-ups and windows. A search shows it on the way. */
function lengthOf(parameters: SweepParameters): { readonly runs?: number; readonly secs?: number } {
  if (parameters.search !== undefined) return {};
  const runs = planRuns(parameters);
  const lengths = runs.map(({ loadTps }) => phaseLengths(parameters, loadTps));
  return { runs: runs.length, secs: lengths.reduce((sum, one) => sum + one.warmUpSecs + one.windowSecs, 0) };
}

/** The same for programs. */
export function sweepFacts(parameters: SweepParameters) {
  const { protocol, networkType, runtime, committee, loadsTps, search } = parameters;
  const { runs, secs } = lengthOf(parameters);
  return {
    protocol: protocol.name,
    network_type: networkType,
    runtime,
    nodes: committee,
    ...(search === undefined ? { loads: loadsTps, runs } : { search: formatSearchSettings(search) }),
    ...(secs === undefined ? {} : { expected_secs: Math.round(secs) }),
  };
}

/** What would be done, a line each. @param points names of the sweeps, where they differ in what is varied */
export function describeSweep(sides: readonly SweepParameters[], points: readonly string[] = []): string[] {
  const [first] = sides;
  if (first === undefined) return [];
  const { search, loadsTps, profile, assertions, outputDir, fileOutput, drainSecs } = first;
  const unit = profile.kind === "closed" ? "in flight" : "tx/s";
  const lengths = sides.map(lengthOf);
  const isPlanned = sides.every((side) => side.search === undefined);
  const totalSecs = lengths.reduce((sum, { secs = 0 }) => sum + secs, 0);
  return entryLines([
    ["Protocol", first.protocol.name],
    ...[...new Set(sides.map(describeNetwork))].map((network): Entry => ["Network", network]),
    ["Points", points.length === 0 ? undefined : formatForeign(points.join("; "))],
    ["Links", first.links?.name],
    ["Timeline", first.timeline?.name],
    search === undefined
      ? ["Loads", `${loadsTps.map(formatAsked).join(", ")} ${unit}`]
      : ["Search", formatSearchSettings(search)],
    ["Runs in all", isPlanned ? lengths.map(({ runs }) => runs).join(" + ") : "as many as the search needs"],
    [
      "Duration",
      !isPlanned
        ? `${formatAsked(first.durationSecs)} s a run`
        : `about ${formatDuration(totalSecs)}, besides the start of networks and at most ${formatAsked(drainSecs)} s per run for outstanding transactions`,
    ],
    ["Thresholds", assertions.map(formatAssertion).join(", ") || undefined],
    ["Results", fileOutput ? outputDir : "no files"],
  ]);
}

function describeNetwork({ networkType, runtime, committee, remote }: SweepParameters): string {
  const nodes = formatCountOf(committee, "node");
  if (remote !== undefined)
    return `${networkType}, ${nodes} on ${formatCountOf(remote.hosts.length, "host")}`;
  const how = runtime === "auto" ? "docker if an engine answers, otherwise processes" : runtime;
  return `${networkType}, ${nodes}, ${how}`;
}
