import { loadUnits, type MeasuredLoadKind } from "../../../contracts/load/load-profile.ts";
import {
  type ComparedMetric,
  type ComparedSide,
  type Comparison,
  comparedMetrics,
  type LoadComparison,
  type LoadSide,
  type MetricComparison,
  type ParameterDifference,
  type ReplyMetric,
  replyMetrics,
  spokenMetrics,
} from "../../../contracts/results/comparison.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { runsForVerdict } from "../../analysis/comparison/compare-verdict.ts";
import {
  formatAsked,
  formatBound,
  formatCountOf,
  formatFigure,
  formatPercent,
  nothingSeen,
  seen,
} from "../text/figures.ts";
import { messageUnit, packetUnit } from "../text/load.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";
import { formatComparedFlows } from "./compared-flows.ts";
import { formatComparedLinks } from "./compared-links.ts";
import { formatComparedRoutines } from "./compared-routines.ts";

type ShownMetric = ComparedMetric | ReplyMetric;

const plain = (value: number) => formatFigure(value);

export const metricNames: Readonly<
  Record<ShownMetric, { readonly name: string; readonly show: (value: number) => string }>
> = {
  throughput: { name: "Throughput, tx/s", show: plain },
  avgLatency: { name: "Average latency, ms", show: plain },
  latencyStdDev: { name: "Latency std dev, ms", show: plain },
  p50Latency: { name: "p50 latency, ms", show: plain },
  p99Latency: { name: "p99 latency, ms", show: plain },
  successRate: { name: "Success rate", show: formatPercent },
  efficiency: { name: "Efficiency", show: formatPercent },
  acceptedP50Latency: { name: "p50 of acceptances, ms", show: plain },
  acceptedP99Latency: { name: "p99 of acceptances, ms", show: plain },
  refusedP50Latency: { name: "p50 of refusals, ms", show: plain },
  refusedP99Latency: { name: "p99 of refusals, ms", show: plain },
};

/** A metric of a load; the first of each names the load. */
interface Row {
  readonly load: string;
  readonly metric: ShownMetric;
  readonly found: MetricComparison;
}

/** A metric of a load, a row each. */
export const comparisonColumns = (comparison: Comparison): readonly Column<Row>[] => [
  right(`  Load\n${unitsOf(comparison).join(" / ")}`, ({ load }) => load),
  left("Metric", ({ metric }) =>
    metric === "throughput" && peerUnitOf(comparison) !== undefined
      ? `Throughput, ${peerUnitOf(comparison)}`
      : metricNames[metric].name,
  ),
  ...(["a", "b"] as const).map((side) =>
    right<Row>(side.toUpperCase(), ({ metric, found }) =>
      seen(found[side], (value) => formatBound(value, metricNames[metric].show)),
    ),
  ),
  right("B/A", ({ found }) => seen(found.ratio, (ratio) => ratio.toFixed(3))),
  right("B-A", ({ metric, found }) => change(metric, found)),
];

/** +1.25, -0.70; of percentages, percentage points. */
function change(metric: ShownMetric, { difference }: MetricComparison): string {
  if (difference === undefined) return nothingSeen;
  const isShare = metric === "successRate" || metric === "efficiency";
  const size = isShare
    ? (Math.abs(difference) * 100).toFixed(1)
    : metricNames[metric].show(Math.abs(difference));
  const sign = Number(size) === 0 ? "" : difference < 0 ? "-" : "+";
  return `${sign}${size}`;
}

/** What neither side of loads that nodes made can tell is left out. */
function shownMetrics(comparison: Comparison): readonly ComparedMetric[] {
  if (!kindsOf(comparison).every((kind) => kind === "native")) return comparedMetrics;
  const { loads } = comparison;
  return comparedMetrics.filter((name) => loads.some(({ metrics }) => metrics[name].a ?? metrics[name].b));
}

/** The rows of the table, load by load. */
export const comparisonRows = (comparison: Comparison): readonly Row[] =>
  comparison.loads.flatMap((load) => loadRows(load, shownMetrics(comparison)));

const loadRows = (load: LoadComparison, metrics: readonly ComparedMetric[]): Row[] =>
  [...metrics, ...replyMetrics].flatMap((metric, index) => {
    const found = load.metrics[metric];
    return found === undefined ? [] : { load: index === 0 ? formatAsked(load.loadTps) : "", metric, found };
  });

/** What the loads of the sides are: one, unless somebody allowed otherwise. */
function kindsOf({ a, b }: Comparison): readonly MeasuredLoadKind[] {
  const kinds = [a.loadKind, b.loadKind].filter((kind) => kind !== undefined);
  return kinds.length === 0 ? ["open-loop"] : [...new Set(kinds)];
}

/** Of loads that nodes send each other. */
function peerUnitOf({ routines, flows }: Pick<Comparison, "routines" | "flows">): string | undefined {
  if (flows.length > 0) return packetUnit;
  return routines.length > 0 ? messageUnit : undefined;
}

const unitsOf = (comparison: Comparison) =>
  peerUnitOf(comparison) !== undefined
    ? [peerUnitOf(comparison)]
    : [...new Set(kindsOf(comparison).map((kind) => loadUnits[kind]))];

/** "100 tx/s"; "64 in flight"; "64 tx/s or in flight" where it is one in A and the other in B. */
export function nameComparedLoad(comparison: Comparison, loadTps: number): string {
  return `${formatAsked(loadTps)} ${unitsOf(comparison).join(" or ")}`;
}

function sideLine(name: string, { path, protocol, networkType, runs, endedEarly }: ComparedSide): string {
  const system = protocol === undefined ? "" : `${formatForeign(protocol)}, `;
  const early = endedEarly === undefined ? "" : `; ended early: ${formatForeign(endedEarly)}`;
  return `${name}: ${formatForeign(path)} (${system}${networkType}, ${formatCountOf(runs, "run")}${early})`;
}

/** Verdicts of a side's runs, how disturbed they were, and what of them is not in the numbers. */
function runLines(comparison: Comparison, { loadTps, a, b }: LoadComparison): string[] {
  const line = (name: string, side: LoadSide) => {
    const { counted, invalid, generatorLimited, unseen } = side;
    const verdicts = [
      [counted - generatorLimited, "valid"],
      [generatorLimited, "generator-limited"],
      [invalid, "invalid (left out)"],
    ] as const;
    const reported = [
      verdicts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])).join(", "),
      ...(counted > 0 ? [disturbance(side)] : []),
      ...(unseen > 0 ? [`no end seen of ${unseen}; averages are of the others, and not divided`] : []),
    ];
    return `${nameComparedLoad(comparison, loadTps)}, runs of ${name}: ${reported.join("; ")}`;
  };
  return [line("A", a), line("B", b)];
}

/** "2 of 5 disturbed, up to 31.0% of the seconds" */
function disturbance({ counted, disturbed, disturbedRatio }: LoadSide): string {
  if (disturbedRatio === undefined) return "disturbances not observed";
  return `${disturbed} of ${counted} disturbed, up to ${formatPercent(disturbedRatio)} of the seconds`;
}

const kindWords = { commit: "commits", response: "replies", native: "what nodes counted" } as const;

function kindLines(comparison: Comparison, { loadTps, a, b }: LoadComparison): string[] {
  const kinds = [a, b].map(({ latencyKinds }) => latencyKinds.map((kind) => kindWords[kind]).join(" and "));
  if (kinds[0] === kinds[1] && a.latencyKinds.length < 2) return [];
  if (kinds.includes("")) return [];
  return [
    `${nameComparedLoad(comparison, loadTps)}: A's numbers are of ${kinds[0]}, B's of ${kinds[1]}; they are not divided`,
  ];
}

function onlyLine(comparison: Comparison, name: "A" | "B"): string[] {
  const [{ loadKind }, loads] =
    name === "A" ? [comparison.a, comparison.onlyA] : [comparison.b, comparison.onlyB];
  const unit = peerUnitOf(comparison) ?? loadUnits[loadKind ?? "open-loop"];
  return loads.length === 0 ? [] : [`Only in ${name}: ${loads.map(formatAsked).join(", ")} ${unit}`];
}

function differenceLines({ differences }: Comparison): string[] {
  const block = (of: ParameterDifference["of"], head: string) => {
    const found = differences.filter((difference) => difference.of === of);
    if (found.length === 0) return [];
    return [
      "",
      head,
      ...found.map(({ name, a, b }) => `  ${name}: ${formatForeign(a)} and ${formatForeign(b)}`),
    ];
  };
  return [
    ...block("system", "Different systems: A and B were run with:"),
    ...block("measurement", "LIMITED: not only the systems differ. A and B were measured with:"),
  ];
}

/** What a difference is, for those that the verdicts claim or deny. */
function termLines({ minEffectRatio, calibration, loads }: Comparison): string[] {
  const tested = loads.flatMap(({ metrics }) => spokenMetrics.map((name) => metrics[name].significance));
  if (tested.every((significance) => significance === undefined)) return [];
  const floor = calibration === undefined ? "" : `, and the noise floor of ${formatForeign(calibration)}`;
  const count = tested.filter((significance) => significance !== undefined).length;
  return [
    "",
    `A difference: p below 0.05 (Mann-Whitney over the runs; ${formatCountOf(count, "test")}, corrected by Holm),`,
    `and at least ${formatPercent(minEffectRatio)}${floor}.`,
  ];
}

/** Where a quantile has two edges. */
function bucketLines({ loads }: Comparison): string[] {
  const quantiles = loads.flatMap(({ metrics: { p50Latency, p99Latency } }) => [p50Latency, p99Latency]);
  if (!quantiles.some(({ a, b }) => (a?.upTo ?? b?.upTo) !== undefined)) return [];
  return [
    "Quantiles counted by nodes lie in a bucket, between the edges shown (for several runs: their",
    "means): they are neither divided nor tested, and differ only where the buckets do not overlap.",
  ];
}

/** "100 tx/s: links make 93 % of the difference (95 % confidence 90 to 97 %): …" */
function explainedLines(comparison: Comparison): string[] {
  if (comparison.unexplained !== undefined) {
    return ["", `Links are not explained: ${formatForeign(comparison.unexplained)}`];
  }
  if (comparison.explained.length === 0) return [];
  const lines = comparison.explained.map(
    ({ loadTps, localMs, linkedMs, remoteMs, shareRatio, confidence }) => {
      const interval =
        confidence === undefined
          ? `from too few runs for an interval: ${runsForVerdict} of each are needed`
          : `95 % confidence ${formatPercent(confidence.lowRatio)} to ${formatPercent(confidence.highRatio)}`;
      const means = `local ${plain(localMs)} ms, local with these links ${plain(linkedMs)} ms, remote ${plain(remoteMs)} ms`;
      return `${nameComparedLoad(comparison, loadTps)}: links explain ${formatPercent(shareRatio)} of the difference in average latency (${interval}): ${means}`;
    },
  );
  return ["", ...lines];
}

/** The comparison in words and a table. Ends without a line break. */
export function formatComparison(comparison: Comparison): string {
  const { loads } = comparison;
  const table =
    loads.length === 0
      ? ["No load has runs on both sides."]
      : [
          formatTable(comparisonColumns(comparison), comparisonRows(comparison)),
          "B-A: in the metric's unit, of rates in percent points.",
          ...bucketLines(comparison),
        ];
  return [
    "COMPARISON",
    "==========",
    sideLine("A", comparison.a),
    sideLine("B", comparison.b),
    ...differenceLines(comparison),
    ...formatComparedLinks(comparison.links),
    "",
    ...table,
    ...loads.flatMap((load) => kindLines(comparison, load)),
    ...loads.flatMap((load) => runLines(comparison, load)),
    ...onlyLine(comparison, "A"),
    ...onlyLine(comparison, "B"),
    ...(loads.length === 0 ? [] : [""]),
    ...loads.map((load) => `${nameComparedLoad(comparison, load.loadTps)}: ${load.verdict}`),
    ...termLines(comparison),
    ...explainedLines(comparison),
    ...formatComparedRoutines(comparison.routines),
    ...formatComparedFlows(comparison.flows),
  ].join("\n");
}
