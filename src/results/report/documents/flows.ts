/** Runs of flows through a network under test, for people. */

import type { LatencySummary } from "../../../contracts/results/latency.ts";
import type {
  Capture,
  DaemonChange,
  FlowHost,
  InterfaceTraffic,
} from "../../../contracts/results/native/flow-hosts.ts";
import type {
  FlowFigures,
  FlowResult,
  Handover,
  KeptGoodput,
} from "../../../contracts/results/native/flows.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { environmentSection } from "../blocks/environment.ts";
import { nativeFaultSection } from "../blocks/faults.ts";
import { growthSection } from "../blocks/growth.ts";
import { emulatedLinkSection } from "../blocks/link-certificate.ts";
import { nativeHead, nativeLatency } from "../blocks/native.ts";
import { blockRule } from "../blocks/sections.ts";
import {
  formatAsked,
  formatBytes,
  formatCountOf,
  formatFigure,
  formatMs,
  formatPercent,
  formatQuantile,
  nothingSeen,
  seen,
} from "../text/figures.ts";
import { packetUnit } from "../text/load.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const source = "flows through a network under test, as the hosts report them";

/** Rows of the console's tables; the run's file has all. */
const most = { flows: 12, handovers: 10 };

/** The block that is shown when a load ends. Ends without a line break. */
export function formatFlowsBlock(result: NativeResult, flows: FlowFigures): string {
  const { parameters, figures } = result;
  const { latency, kept, handovers, captures, daemons } = flows;
  const rate = (count: number) => `${count} (${(count / parameters.durationSecs).toFixed(2)} per second)`;
  const section = <Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[], limit = 20) =>
    rows.length === 0
      ? []
      : [
          rows.length > limit ? `${title} (${limit} of ${rows.length}):` : `${title}:`,
          formatTable(columns, rows.slice(0, limit)),
          "",
        ];
  return [
    ...nativeHead(result, source),
    `Network Under Test: ${formatForeign(flows.network)}`,
    `Input Load: ${formatAsked(parameters.loadTps)} ${packetUnit}, ${formatCountOf(flows.flows.length, "flow")} between ${parameters.nodes} hosts`,
    `Duration: ${formatAsked(parameters.durationSecs)}s`,
    "",
    "RESULTS:",
    `  Sent: ${rate(figures.submitted ?? 0)}`,
    `  Arrived: ${rate(figures.committed ?? 0)}`,
    `  Average Latency: ${formatMs(latency.meanMs)}`,
    `  Latency Std Dev: ${formatMs(latency.stdDevMs)}`,
    "",
    ...nativeLatency(latency, `${latencySpans[flows.latencyOf]}; lost packets count as not yet arrived`),
    "",
    ...section("FLOWS", flowColumns, flows.flows, most.flows),
    ...section("HANDOVERS", handoverColumns, handovers, most.handovers),
    ...section("GOODPUT KEPT, by loss of the direct link", keptColumns, kept),
    ...section("PROCESSES THAT ENDED", daemonColumns, endedDaemons(daemons)),
    ...section("TRAFFIC OF INTERFACES, heads included", trafficColumns, shownTraffic(flows)),
    ...section("PACKET DUMPS", captureColumns, captures),
    `NETWORK: ${parameters.nodes} hosts, ${parameters.protocol}, ${parameters.runtime} runtime; ${viewLine(flows)}`,
    hostClockLine(flows.hosts),
    "",
    ...emulatedLinkSection(result),
    ...nativeFaultSection(result),
    ...growthSection(result),
    ...environmentSection(result),
    blockRule,
  ].join("\n");
}

export const latencySpans: Readonly<Record<FlowFigures["latencyOf"], string>> = {
  "round-trip": "sent to reflection back",
  "one-way": "sent to arrived",
};

export const latencyOf = ({ roundTrip, oneWay }: FlowResult): LatencySummary | undefined =>
  roundTrip ?? oneWay;

export function viewLine({ hasView, routeChanges, hosts }: FlowFigures): string {
  if (!hasView) return "it does not tell its routes";
  const views = hosts.reduce((sum, host) => sum + host.views, 0);
  return `${formatCountOf(routeChanges, "route change")}, ${formatCountOf(views, "change")} of its view`;
}

export function hostClockLine(hosts: readonly FlowHost[]): string {
  const known = hosts.filter(({ clockErrorMs }) => clockErrorMs !== undefined);
  if (known.length < hosts.length) return "Clocks: taken for one, because not every host tells the time";
  const errorMs = Math.max(0, ...known.map(({ clockErrorMs = 0 }) => clockErrorMs));
  if (errorMs === 0) return "Clocks: one machine, offset 0";
  return `Clocks: corrected, each to within ${formatMs(errorMs)}`;
}

export const endedDaemons = (daemons: readonly DaemonChange[]) =>
  daemons.filter(({ state }) => state === "ended");

export const flowColumns: readonly Column<FlowResult>[] = [
  left("Flow", ({ name }) => formatForeign(name)),
  left("Path", ({ from, to }) => `${from} to ${to}`),
  right("Sent", ({ packets }) => seen(packets?.sent, String)),
  right("Lost", ({ packets }) => seen(packets?.lossRatio, formatPercent)),
  right("Doubled", ({ packets }) => seen(packets?.duplicated, String)),
  right("Reordered", ({ packets }) => seen(packets?.reordered, String)),
  right("p50\nms", (flow) => formatQuantile(latencyOf(flow)?.p50)),
  right("p99\nms", (flow) => formatQuantile(latencyOf(flow)?.p99)),
  right("Arrived\np99, ms", ({ roundTripArrived, oneWayArrived }) =>
    seen((roundTripArrived ?? oneWayArrived)?.p99Ms, formatFigure),
  ),
  right("Goodput\nkbit/s", ({ goodputMbps }) => seen(goodputMbps, (mbps) => formatFigure(mbps * 1000))),
  right("Inter-\nruptions", ({ goodputMbps, interruptionCount }) =>
    seen(goodputMbps, () => String(interruptionCount)),
  ),
  right("Longest\ngap, ms", ({ longestGapMs }) => seen(longestGapMs, formatFigure)),
  right("Late p99\nms", ({ lateP99Ms }) => seen(lateP99Ms, formatFigure)),
  right("Frames\nshown", ({ frames }) =>
    seen(frames, ({ shown, late, incomplete }) => {
      return `${shown}/${shown + late + incomplete}`;
    }),
  ),
];

const secs = (value: number | undefined) => seen(value, (found) => found.toFixed(3));
const pathText = (nodes: readonly string[] | undefined) => seen(nodes, (found) => found.join("-"));

export const handoverColumns: readonly Column<Handover>[] = [
  left("Flow", ({ flow }) => formatForeign(flow)),
  left("From", ({ before }) => pathText(before)),
  left("To", ({ after }) => pathText(after)),
  right("Crossing\ns", ({ crossingSecs }) => secs(crossingSecs)),
  right("Detected\ns", ({ detectedSecs }) => secs(detectedSecs)),
  right("Switched\ns", ({ switchedSecs }) => secs(switchedSecs)),
  right("Recovered\ns", ({ recoveredSecs }) => secs(recoveredSecs)),
  right("Total\nms", ({ totalMs }) => seen(totalMs, formatFigure)),
  right("Interruption\nms", ({ interruptionMs }) => formatFigure(interruptionMs)),
  right("Lost", ({ lost }) => String(lost)),
];

/** "5–10 %" */
export const bandText = ({
  fromLossRatio,
  toLossRatio,
}: Pick<KeptGoodput, "fromLossRatio" | "toLossRatio">) =>
  `${formatAsked(fromLossRatio * 100)}–${formatAsked(toLossRatio * 100)} %`;

export const keptColumns: readonly Column<KeptGoodput>[] = [
  left("Loss", bandText),
  right("Seconds", ({ secs: count }) => String(count)),
  right("Goodput\nkbit/s", ({ goodputMbps }) => formatFigure(goodputMbps * 1000)),
  right("Kept", ({ keptRatio }) => formatPercent(keptRatio)),
];

export const daemonColumns: readonly Column<DaemonChange>[] = [
  left("Host", ({ host }) => host),
  left("Process", ({ daemon }) => formatForeign(daemon)),
  right("At\ns", ({ atSecs }) => atSecs.toFixed(1)),
  left("How", ({ why }) => (why === undefined ? nothingSeen : formatForeign(why))),
];

/** Where a program tells nothing, what passed the interfaces is all that is known. */
export const shownTraffic = ({ flows, interfaces }: FlowFigures): readonly InterfaceTraffic[] =>
  flows.some(({ goodputMbps }) => goodputMbps === undefined) ? interfaces : [];

export const trafficColumns: readonly Column<InterfaceTraffic>[] = [
  left("Interface", ({ host, name }) => `${host}.${formatForeign(name)}`),
  right("Received", ({ receivedBytes }) => formatBytes(receivedBytes)),
  right("Packets", ({ receivedPackets }) => String(receivedPackets)),
  right("Sent", ({ sentBytes }) => formatBytes(sentBytes)),
  right("Packets", ({ sentPackets }) => String(sentPackets)),
];

export const captureColumns: readonly Column<Capture>[] = [
  left("File", ({ file }) => file),
  right("Size", ({ bytes }) => formatBytes(bytes)),
  left("Missing", ({ gap }) => (gap === undefined ? "" : formatForeign(gap))),
];
