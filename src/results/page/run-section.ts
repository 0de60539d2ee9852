/** One run on the page: what its console block says, as tables, and its charts. */

import { type LatencyKind, type LatencySummary, latencyKinds } from "../../contracts/results/latency.ts";
import type { FlowFigures } from "../../contracts/results/native/flows.ts";
import type { MessageFigures } from "../../contracts/results/native/messages.ts";
import type { NativeResult } from "../../contracts/results/native/native.ts";
import type { RoutineFigures } from "../../contracts/results/native/routines.ts";
import type { RunResult } from "../../contracts/results/result.ts";
import { isNative } from "../../metrics/stats/run-metrics.ts";
import type { BarPart } from "../charts/chart.ts";
import { fatesOf } from "../charts/data/fates.ts";
import { runCharts } from "../charts/data/run-charts.ts";
import type { Drawing } from "../charts/draw/draw.ts";
import type { RunView } from "../charts/view.ts";
import { machineColumns } from "../report/blocks/environment.ts";
import { faultColumns } from "../report/blocks/faults.ts";
import { formatGrowth } from "../report/blocks/growth.ts";
import { changeColumns, linkColumnsFor } from "../report/blocks/link-certificate.ts";
import { latencyNames, verdictText } from "../report/blocks/sections.ts";
import {
  captureColumns,
  daemonColumns,
  endedDaemons,
  flowColumns,
  handoverColumns,
  hostClockLine,
  keptColumns,
  shownTraffic,
  trafficColumns,
  viewLine,
} from "../report/documents/flows.ts";
import {
  availabilityColumns,
  clockLine,
  deliveryEntries,
  pairColumns,
  peerColumns,
  resyncColumns,
  trafficEntries,
} from "../report/documents/messages.ts";
import { formatBounds } from "../report/documents/native.ts";
import {
  familyColumns,
  kindColumns,
  latencySpan,
  outcomeEntries,
  peerRows,
  peerColumns as routinePeerColumns,
  systemEntries,
  whyNoLatency,
} from "../report/documents/routines.ts";
import { formatBytes, formatFigure, formatMs, formatQuantile, seen } from "../report/text/figures.ts";
import { nameLoad, phaseColumns } from "../report/text/load.ts";
import { type Column, left, right } from "../report/text/table.ts";
import { figures } from "./figure.ts";
import { type Html, html } from "./html.ts";
import { htmlList, htmlTable } from "./table.ts";

/** Rows of one table; the run's file has all. */
const mostRows = 40;

/** A table with its title; none without rows. */
export function titled<Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Html | undefined {
  if (rows.length === 0) return undefined;
  const shown = rows.slice(0, mostRows);
  const more =
    shown.length < rows.length
      ? html`<p class="note">${shown.length} of ${rows.length} rows; the run’s file has all.</p>`
      : undefined;
  return html`<h4>${title}</h4>${htmlTable(columns, shown)}${more}`;
}

type LatencyRow = readonly [name: string, of: LatencySummary];

const quantile = (head: string, of: "p50" | "p90" | "p95" | "p99" | "p999") =>
  right<LatencyRow>(`${head}, ms`, ([, summary]) => formatQuantile(summary[of]));

const latencyColumns: readonly Column<LatencyRow>[] = [
  left("Latency", ([name]) => name),
  quantile("p50", "p50"),
  quantile("p90", "p90"),
  quantile("p95", "p95"),
  quantile("p99", "p99"),
  quantile("p99.9", "p999"),
  right("max, ms", ([, { maxMs }]) => seen(maxMs, formatFigure)),
  right("End not seen", ([, { censored }]) => String(censored)),
];

const latencyRows = ({ latency, lateness }: RunResult): readonly LatencyRow[] => [
  ...latencyKinds.flatMap((kind: LatencyKind): LatencyRow[] => {
    const summary = latency[kind];
    return summary === undefined ? [] : [[latencyNames[kind], summary]];
  }),
  ["send lateness", lateness],
];

const fateColumns: readonly Column<BarPart>[] = [
  left("Fate", ({ name }) => name),
  right("Transactions", ({ count }) => String(count)),
];

const nodeColumns: readonly Column<RunResult["nodes"][number]>[] = [
  left("Node", ({ name }) => name),
  right("CPU, s", ({ cpuSecs }) => seen(cpuSecs, formatFigure)),
  right("Memory at the end", ({ memoryBytes }) => seen(memoryBytes, formatBytes)),
  right("Growth of memory", ({ memoryGrowth }) => seen(memoryGrowth, formatGrowth)),
  right("Reads", ({ reads }) => seen(reads, String)),
  right("Writes", ({ writes }) => seen(writes, String)),
  right("Height", ({ height }) => seen(height, String)),
  left("State", ({ exitedUnasked }) => (exitedUnasked ? "ended unexpectedly" : "")),
];

const rejectionColumns: readonly Column<RunResult["rejections"][number]>[] = [
  left("Reason", ({ reason }) => reason),
  right("Transactions", ({ count }) => String(count)),
];

type Segment = RunResult["segments"][number];

const segmentColumns: readonly Column<Segment>[] = [
  right("From, s", ({ fromSecs }) => fromSecs.toFixed(1)),
  right("To, s", ({ toSecs }) => toSecs.toFixed(1)),
  left("Down", ({ nodesDown }) => (nodesDown.length === 0 ? "none" : nodesDown.join(", "))),
  right("Due", ({ ofLivingNodes }) => String(ofLivingNodes.scheduled)),
  right("Of these seen", ({ ofLivingNodes }) => String(ofLivingNodes.successful)),
  right("p50, ms", ({ ofLivingNodes }) => formatQuantile(ofLivingNodes.latency.p50)),
  right("p99, ms", ({ ofLivingNodes }) => formatQuantile(ofLivingNodes.latency.p99)),
];

/** Why a run is not valid; none where it is. */
export const reasonList = (reasons: readonly string[]): Html | undefined =>
  reasons.length === 0 ? undefined : html`<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`;

function drivenTables(run: RunResult): readonly (Html | undefined)[] {
  const isObserved = run.latencyKind === "commit";
  const { linkCertificate: links, blockAge } = run;
  return [
    titled("Latencies", latencyColumns, latencyRows(run)),
    titled("Ledger", fateColumns, fatesOf(run.ledger, isObserved)),
    titled("Refused or failed for", rejectionColumns, run.rejections),
    titled("Phases", phaseColumns(isObserved), run.phases),
    titled("Faults", faultColumns, run.faults),
    titled("Segments, clients of nodes that should be up", segmentColumns, run.segments),
    links && titled("Links, asked and got", linkColumnsFor(links.rows), links.rows),
    titled("Changes of links", changeColumns, run.linkChanges),
    blockAge &&
      html`<h4>Age of blocks when first seen</h4>${htmlList([
        ["Blocks", blockAge.count],
        ["p50", formatMs(blockAge.p50Ms)],
        ["p99", formatMs(blockAge.p99Ms)],
        ["At most", formatMs(blockAge.maxMs)],
      ])}`,
  ];
}

function nativeTables(run: NativeResult): readonly (Html | undefined)[] {
  const { latency, committed, submitted, messages, routines, flows } = run.figures;
  if (messages !== undefined) return messageTables(run, messages);
  if (routines !== undefined) return routineTables(run, routines);
  if (flows !== undefined) return flowTables(run, flows);
  const quantiles = (["p50", "p90", "p95", "p99", "p999"] as const).map(
    (name) => [name === "p999" ? "p99.9" : name, formatBounds(latency?.[name])] as const,
  );
  return [
    html`<h4>As the nodes counted</h4>${htmlList([["Submitted", submitted], ["Committed", committed], ...quantiles])}`,
  ];
}

function messageTables(run: NativeResult, messages: MessageFigures): readonly (Html | undefined)[] {
  return [
    html`<h4>Messages</h4>${htmlList([
      ["Written", messages.written],
      ["Readable at every peer", run.figures.committed],
      ...deliveryEntries(messages),
      ...trafficEntries(messages),
    ])}<p class="note">${clockLine(messages.peers)}.</p>`,
    titled("Latencies", latencyColumns, [["write due to readable", messages.latency]]),
    titled("Availability", availabilityColumns, messages.availability),
    titled("Resynchronization", resyncColumns, messages.resyncs),
    titled("Pairs", pairColumns, messages.pairs),
    titled("Peers", peerColumns, messages.peers),
    titled("Faults", faultColumns, run.faults),
    titled("Changes of links", changeColumns, run.linkChanges),
  ];
}

function routineTables(run: NativeResult, routines: RoutineFigures): readonly (Html | undefined)[] {
  const { latency, families, kinds } = routines;
  const why = whyNoLatency(routines);
  return [
    html`<h4>Routines</h4>${htmlList([...systemEntries(run), ...outcomeEntries(run, routines)])}`,
    latency === undefined || why !== undefined
      ? html`<p class="note">No latency, because ${why}.</p>`
      : titled("Latencies", latencyColumns, [[latencySpan, latency]]),
    titled("Packets, by the library’s counters", familyColumns, families),
    titled("Messages by kind", kindColumns, kinds),
    titled("Peers", routinePeerColumns, peerRows(run, routines)),
    titled("Faults", faultColumns, run.faults),
    titled("Changes of links", changeColumns, run.linkChanges),
  ];
}

function flowTables(run: NativeResult, flows: FlowFigures): readonly (Html | undefined)[] {
  const latencies = flows.flows.flatMap(({ name, roundTrip, oneWay }): LatencyRow[] => [
    ...(roundTrip === undefined ? [] : [[`${name}, round trip`, roundTrip] as const]),
    ...(oneWay === undefined ? [] : [[`${name}, one way`, oneWay] as const]),
  ]);
  return [
    html`<h4>Flows through ${flows.network}</h4>${htmlList([
      ["Packets sent", run.figures.submitted],
      ["Arrived", run.figures.committed],
      ["Network", viewLine(flows)],
    ])}<p class="note">${hostClockLine(flows.hosts)}.</p>`,
    titled("Flows", flowColumns, flows.flows),
    titled("Latencies", latencyColumns, latencies),
    titled("Handovers", handoverColumns, flows.handovers),
    titled("Goodput kept, by loss of the direct link", keptColumns, flows.kept),
    titled("Processes that ended", daemonColumns, endedDaemons(flows.daemons)),
    titled("Traffic of interfaces", trafficColumns, shownTraffic(flows)),
    titled("Packet dumps", captureColumns, flows.captures),
    titled("Faults", faultColumns, run.faults),
    titled("Changes of links", changeColumns, run.linkChanges),
  ];
}

/** A run that opens when its line is clicked. @param without names of charts that stand elsewhere on the page */
export function runDetails(drawing: Drawing, view: RunView, without: ReadonlySet<string>): Html {
  const { run } = view;
  const { verdict, environment, benchmarkNumber, repetition, parameters } = run;
  const charts = runCharts(view).filter(({ name }) => !without.has(name));
  const tables = isNative(run) ? nativeTables(run) : drivenTables(run);
  return html`<details id="run-${benchmarkNumber}"><summary>Run ${benchmarkNumber}: ${nameLoad(parameters.loadTps, [run])}, repetition ${repetition}, <span class="${verdictClass(verdict.status)}">${verdict.status}</span></summary><div>
<p>${verdictText(verdict)}</p>${reasonList(verdict.reasons)}
${figures(drawing, charts)}
${tables}
${titled("Nodes", nodeColumns, run.nodes)}
${titled("Machines in the window", machineColumns, environment?.hosts ?? [])}
</div></details>`;
}

export const verdictClass = (status: RunResult["verdict"]["status"]) =>
  ({ valid: "good", "generator-limited": "warn", invalid: "bad" })[status];
