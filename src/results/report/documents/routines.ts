/** Runs of routines in browsers, for people. */
import type { NodeResources } from "../../../contracts/results/faults.ts";
import type { NativeResult } from "../../../contracts/results/native/native.ts";
import type {
  MessageKindFigures,
  PacketFamilyFigures,
  RoutineFigures,
  RoutinePeer,
} from "../../../contracts/results/native/routines.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { deliveredRatio } from "../../../metrics/stats/run-metrics.ts";
import { environmentSection } from "../blocks/environment.ts";
import { nativeFaultSection } from "../blocks/faults.ts";
import { growthSection } from "../blocks/growth.ts";
import { emulatedLinkSection } from "../blocks/link-certificate.ts";
import { nativeHead, nativeLatency } from "../blocks/native.ts";
import { blockRule } from "../blocks/sections.ts";
import {
  type Entry,
  entryLines,
  formatAsked,
  formatBytes,
  formatCountOf,
  formatFigure,
  formatMs,
  formatPercent,
  nothingSeen,
  seen,
} from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const source = "routines of browser peers, as their pages report them";

/** Rows of the console's table of peers; the page and the run's file have all. */
const mostPeers = 8;

/** The block that is shown when a load ends. Ends without a line break. */
export function formatRoutinesBlock(run: NativeResult, routines: RoutineFigures): string {
  const { parameters } = run;
  const peers = peerRows(run, routines);
  const shown = peers.slice(0, mostPeers);
  const isOneRoutine = new Set(peers.map(({ routine }) => routine)).size === 1;
  return [
    ...nativeHead(run, source),
    `Input Load: ${formatAsked(parameters.loadTps)} messages per second, sent by ${formatCountOf(parameters.nodes, "peer")}`,
    ...systemEntries(run).map(([name, value]) => `${name}: ${value}`),
    `Duration: ${formatAsked(parameters.durationSecs)}s`,
    "",
    "RESULTS:",
    ...entryLines(outcomeEntries(run, routines)),
    "",
    ...latencyLines(routines),
    "",
    "PACKETS (by the library's counters; interval: of the mean over the peers):",
    formatTable(familyColumns, routines.families),
    "",
    ...(routines.kinds.length === 0
      ? []
      : ["MESSAGES BY KIND:", formatTable(kindColumns, routines.kinds), ""]),
    `PEERS (${shown.length} of ${peers.length}, those with the fewest ticks first):`,
    // Where it is the same for all, it stands above.
    formatTable(isOneRoutine ? ownColumns : peerColumns, shown),
    "",
    `NETWORK: ${formatCountOf(parameters.nodes, "peer")}, ${parameters.protocol}, ${parameters.runtime} runtime`,
    "",
    ...emulatedLinkSection(run),
    ...nativeFaultSection(run),
    ...growthSection(run),
    ...environmentSection(run),
    blockRule,
  ].join("\n");
}

/** What was measured. */
export function systemEntries({ parameters: { protocolOptions } }: NativeResult): readonly Entry[] {
  const { library, routines } = protocolOptions;
  const entries = [
    ["Peer Library", library],
    ["Routines", routines],
  ] as const;
  return entries.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, formatForeign(String(value))]],
  );
}

/** What became of the messages. */
export function outcomeEntries(
  { parameters, figures }: NativeResult,
  { sent, peers, deliveries, repeated, latency }: RoutineFigures,
): readonly Entry[] {
  const refused = peers.reduce((sum, peer) => sum + peer.refused, 0);
  const { expected, delivered, missing } = deliveries;
  const share = seen(deliveredRatio(figures), formatPercent);
  return [
    ["Sent", `${sent} (${formatFigure(sent / parameters.durationSecs)} per second)`],
    ["Refused by the library", refused === 0 ? undefined : String(refused)],
    ["Deliveries", `${delivered} of ${expected} (${share}), ${missing} missing`],
    ["Repeated copies", String(repeated)],
    ["Average Latency", latency && formatMs(latency.meanMs)],
    ["Latency Std Dev", latency && formatMs(latency.stdDevMs)],
  ];
}

export const latencySpan = "sending of a message to its first arrival at another peer";

/** Why there is no latency; undefined where there is one. */
export function whyNoLatency({ latency, peers }: RoutineFigures): string | undefined {
  if (latency !== undefined) return latency.count === 0 ? "no message arrived" : undefined;
  return peers.length < 2
    ? "there is no other peer"
    : "the peers ran on several machines, whose clocks differ";
}

function latencyLines(routines: RoutineFigures): string[] {
  const { latency } = routines;
  const why = whyNoLatency(routines);
  if (latency === undefined || why !== undefined) return [`LATENCY: none, because ${why}`];
  return nativeLatency(latency, latencySpan);
}

export const familyColumns: readonly Column<PacketFamilyFigures>[] = [
  left("Packets", ({ family }) => family),
  right("Number", ({ packets }) => String(packets)),
  right("Bytes", ({ bytes }) => formatBytes(bytes)),
  right("Per second\nof a peer", ({ packetsPerSec }) => formatFigure(packetsPerSec)),
  right("95 %\ninterval", ({ low, high }) =>
    low === undefined || high === undefined
      ? nothingSeen
      : `${formatFigure(Math.max(0, low))} to ${formatFigure(high)}`,
  ),
  right("Mean size\nbytes", ({ packets, bytes }) =>
    packets === 0 ? nothingSeen : formatFigure(bytes / packets),
  ),
];

export const kindColumns: readonly Column<MessageKindFigures>[] = [
  left("Kind", ({ kind }) => formatForeign(kind)),
  right("Sent", ({ sent }) => String(sent)),
  right("Delivered", ({ delivered, expected }) => `${delivered}/${expected}`),
  right("Missing", ({ missing }) => String(missing)),
  right("Repeated", ({ repeated }) => String(repeated)),
];

/** A peer with what its browser used. */
export interface PeerRow extends RoutinePeer, Pick<NodeResources, "cpuSecs" | "memoryBytes"> {}

/** Those with the fewest ticks come first, and before them those whose ticks nobody knows. */
export function peerRows({ nodes }: Pick<NativeResult, "nodes">, { peers }: RoutineFigures): PeerRow[] {
  const used = new Map(nodes.map((node) => [node.name, node]));
  const ticksOf = ({ busyness }: RoutinePeer) => busyness?.tickRatePerSec ?? -1;
  return peers
    .map((peer) => ({
      ...peer,
      cpuSecs: used.get(peer.name)?.cpuSecs,
      memoryBytes: used.get(peer.name)?.memoryBytes,
    }))
    .sort((a, b) => ticksOf(a) - ticksOf(b));
}

const nameColumn = left<PeerRow>("Peer", ({ name }) => formatForeign(name));

const figureColumns: readonly Column<PeerRow>[] = [
  right("Sent", ({ sent }) => String(sent)),
  right("Delivered", ({ delivered }) => String(delivered)),
  right("Repeated", ({ repeated }) => String(repeated)),
  right("Conn.", ({ connections }) => String(connections)),
  right("Round\ntrip ms", ({ roundTripMs }) => seen(roundTripMs, formatFigure)),
  right("Ticks\n/s", ({ busyness }) => seen(busyness?.tickRatePerSec, formatFigure)),
  right("Late by, ms\nmean | max", ({ busyness }) =>
    seen(
      busyness,
      (late) => `${formatFigure(late.timerLatenessMeanMs)} | ${formatFigure(late.timerLatenessMaxMs)}`,
    ),
  ),
  right("Long\ntasks", ({ busyness }) => seen(busyness?.longTasks, String)),
  right("CPU\ns", ({ cpuSecs }) => seen(cpuSecs, formatFigure)),
  right("Memory\nMiB", ({ memoryBytes }) => seen(memoryBytes, (bytes) => formatFigure(bytes / 1024 ** 2))),
];

const ownColumns = [nameColumn, ...figureColumns];

export const peerColumns: readonly Column<PeerRow>[] = [
  nameColumn,
  left("Routine", ({ routine }) => (routine === undefined ? nothingSeen : formatForeign(routine))),
  ...figureColumns,
];
