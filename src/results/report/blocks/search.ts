import type { RunResult } from "../../../contracts/results/result.ts";
import type { JudgedProbe, SearchReport, SearchSettings } from "../../../contracts/results/search.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatAsked, formatSignedPercent, seen } from "../text/figures.ts";
import { runColumns } from "../text/load.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const percent = (ratio: number) => `${formatAsked(ratio * 100)}%`;

/** "highest sustained load from 100 to 1000 tx/s, within 5%; sustained: efficiency ≥ 98%, backlog growth ≤ 2%" */
export function formatSearchSettings(terms: SearchSettings): string {
  const limits = [
    `efficiency ≥ ${percent(terms.efficiencyRatio)}`,
    ...(terms.latencyMs === undefined ? [] : [`p99 latency ≤ ${formatAsked(terms.latencyMs)} ms`]),
    `backlog growth ≤ ${percent(terms.backlogGrowthRatio)} of the load`,
  ];
  const range = `${formatAsked(terms.fromTps)} to ${formatAsked(terms.toTps)} tx/s`;
  return `highest sustained load from ${range}, within ${percent(terms.precisionRatio)}; sustained: ${limits.join(", ")}`;
}

const statusWords = {
  sustained: "sustained",
  "not-sustained": "not sustained",
  "generator-limited": "beyond the load generator",
  invalid: "invalid, no result",
} as const;

/** "not sustained: efficiency 93.1 %, limit 98 %" */
export function formatProbeStatus({ status, reasons }: JudgedProbe): string {
  const why = reasons.map(formatForeign).join("; ");
  return why === "" ? statusWords[status] : `${statusWords[status]}: ${why}`;
}

type Probed = RunResult & Pick<JudgedProbe, "status">;

const columns: readonly Column<Probed>[] = [
  right("Load\ntx/s", ({ parameters }) => formatAsked(parameters.loadTps)),
  runColumns.throughput,
  runColumns.efficiency,
  runColumns.mean,
  runColumns.p50,
  runColumns.p99,
  right("Backlog\ngrowth", ({ backlogGrowthRatio }) => seen(backlogGrowthRatio, formatSignedPercent)),
  // On two lines, so that the table stays within 80 columns.
  left("Load is", ({ status }) =>
    statusWords[status].replace("the load ", "the load\n").replace(", ", ",\n"),
  ),
];

/** What a search found: a row for each probe, why each was beyond, and the answer. Ends without a line break. */
export function formatSearch(report: SearchReport, runs: readonly RunResult[]): string {
  const rows = report.probes.flatMap(({ benchmarkNumber, status }) => {
    const run = runs.find((one) => one.benchmarkNumber === benchmarkNumber);
    return run === undefined ? [] : [{ ...run, status }];
  });
  const reasons = report.probes
    .filter(({ status }) => status !== "sustained")
    .map((probe) => `  ${formatAsked(probe.loadTps)} tx/s: ${formatProbeStatus(probe)}`);
  return [
    ...(rows.length === 0 ? [] : [formatTable(columns, rows)]),
    ...reasons,
    ...(rows.length === 0 ? [] : [""]),
    formatAnswer(report),
    ...formatKnee(report),
  ].join("\n");
}

function formatAnswer({ outcome, sustainedTps, beyondTps, terms }: SearchReport): string {
  const load = (tps: number | undefined) => (tps === undefined ? "none" : `${formatAsked(tps)} tx/s`);
  const sustained = load(sustainedTps);
  switch (outcome) {
    case "found":
      return `Highest sustained load: ${sustained}; ${load(beyondTps)} is not sustained.`;
    case "generator-limit":
      return sustainedTps === undefined
        ? `Highest sustained load: not known. At ${load(beyondTps)} the limit is the load generator's, not the network's.`
        : `Highest sustained load: at least ${sustained}. At ${load(beyondTps)} the limit is the load generator's, not the network's.`;
    case "upper-bound":
      return `Highest sustained load: at least ${sustained}, the highest load to try. Use a higher --search-to.`;
    case "none":
      return `Highest sustained load: below ${load(terms.fromTps)}, the lowest load to try. Use a lower --search-from.`;
    case "stopped":
      return `The search stopped: both runs of a load are invalid. Highest sustained load so far: ${sustained}.`;
    case "unfinished":
      return `The search did not end. Highest sustained load so far: ${sustained}.`;
  }
}

function formatKnee({ kneeTps }: SearchReport): string[] {
  if (kneeTps === undefined) return [];
  return [
    `Knee of the latency curve: ${formatAsked(kneeTps)} tx/s, where throughput / mean latency is largest`,
    "of the loads tried.",
  ];
}
