/** Whether the machines were left alone, in the reports. */
import type { EnvironmentReport, HostLoad } from "../../../contracts/hosts/host-load.ts";
import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { backgroundCoverage } from "../../../metrics/hosts/seconds-tally.ts";
import { formatBytes, seen } from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

/** Machines that are shown; the run's file holds all of them. */
const shownMachines = 8;

/** Rounded to the nearest tenth: a background can lie a little below 0. */
const formatShare = (ratio: number) => `${(Math.round(ratio * 1000) / 10 + 0).toFixed(1)}%`;

/** A machine over the window, a row each. */
export const machineColumns: readonly Column<HostLoad>[] = [
  left("  Machine", ({ host }) => `  ${formatForeign(host)}`),
  right("Others'\nbefore", ({ before }) => seen(before?.backgroundMeanRatio, formatShare)),
  right("CPU:\nmean", ({ window }) => seen(window?.backgroundMeanRatio, formatShare)),
  right("\nmost", ({ window }) => seen(window?.backgroundMaxRatio, formatShare)),
  right("Steal\nmean", ({ window }) => seen(window?.stealMeanRatio, formatShare)),
  right("Clock\nMHz", ({ window }) => seen(window?.frequencyMeanMhz, (mhz) => mhz.toFixed(0))),
  right("Memory\nleast", ({ window }) => seen(window?.memoryAvailableLeastBytes, formatBytes)),
  right("Network\na second", ({ window }) => seen(window?.networkMeanBytesPerSec, formatBytes)),
  right("Beyond\na limit", ({ window, disturbedSecs }) =>
    seen(window, ({ secs }) => `${disturbedSecs} of ${secs} s`),
  ),
];

/** The most disturbed ones, in the order of all. */
function chooseMachines({ hosts }: EnvironmentReport): readonly HostLoad[] {
  const most = ({ window }: HostLoad) => window?.backgroundMaxRatio ?? 0;
  const chosen = [...hosts]
    .sort((a, b) => b.disturbedSecs - a.disturbedSecs || most(b) - most(a))
    .slice(0, shownMachines);
  return hosts.filter((host) => chosen.includes(host));
}

/** Machines of which it was not seen in any second what others did. */
const silentOf = ({ hosts }: EnvironmentReport, windowSecs: number) =>
  hosts.filter(({ window }) => backgroundCoverage(window, windowSecs).seenSecs === 0);

function heading(environment: EnvironmentReport, windowSecs: number): string {
  if (environment.disturbed) return "ENVIRONMENT: DISTURBED: other programs affected these numbers";
  const isKnown = silentOf(environment, windowSecs).length === 0;
  return `ENVIRONMENT: no limit was ${isKnown ? "" : "seen to be "}exceeded for long`;
}

function notes(environment: EnvironmentReport, windowSecs: number): string[] {
  const lines: string[] = [];
  for (const { host, otherContainers = [] } of environment.hosts) {
    const others = formatForeign(otherContainers.join(", "));
    if (otherContainers.length > 0) lines.push(`  Other containers on ${formatForeign(host)}: ${others}`);
  }
  const silent = silentOf(environment, windowSecs).map(({ host }) => host);
  if (silent.length > 0)
    lines.push(`  Other programs were not observed on: ${formatForeign(silent.join(", "))}`);
  for (const { host, window } of environment.hosts) {
    const { seenSecs, wholeSecs, isEnough } = backgroundCoverage(window, windowSecs);
    if (isEnough || seenSecs === 0) continue;
    lines.push(`  Other programs on ${formatForeign(host)}: observed in only ${seenSecs} of ${wholeSecs} s`);
  }
  return lines;
}

/** Lines with a heading and a blank one after them; none where nobody looked. */
export function environmentSection({
  environment,
  parameters,
}: Pick<MeasuredRun, "environment" | "parameters">): string[] {
  if (environment === undefined) return [];
  const shown = chooseMachines(environment);
  const more = environment.hosts.length - shown.length;
  return [
    heading(environment, parameters.durationSecs),
    ...environment.reasons.map((reason) => `  - ${formatForeign(reason)}`),
    formatTable(machineColumns, shown),
    ...(more > 0 ? [`  and ${more} more machines, less disturbed than these`] : []),
    ...notes(environment, parameters.durationSecs),
    "",
  ];
}

/** The verdict in the table of a sweep, on two lines to stay within 80 columns; a disturbed run bears a mark. */
export const verdictColumn = left<Pick<MeasuredRun, "verdict" | "environment">>(
  "Verdict",
  ({ verdict, environment }) =>
    `${verdict.status.replace("generator-limited", "generator-\nlimited")}${environment?.disturbed === true ? " *" : ""}`,
);

/** The line below that table which says what the mark means; none where no run bears it. */
export function environmentCaption(results: readonly Pick<MeasuredRun, "environment">[]): string[] {
  const isMarked = results.some(({ environment }) => environment?.disturbed === true);
  return isMarked ? ['"*": the machines were disturbed, see ENVIRONMENT of the run.'] : [];
}
