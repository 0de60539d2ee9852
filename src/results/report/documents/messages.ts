/** Runs of messages among peers, for people. */
import type {
  Availability,
  MessageFigures,
  MessagePair,
  MessagePeer,
  Resync,
} from "../../../contracts/results/native/messages.ts";
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
  formatFigure,
  formatMs,
  formatPercent,
  formatQuantile,
  nothingSeen,
  seen,
} from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";

const source = "messages among peers, as the peers report them";

/** Rows of the console's tables; the run's file has all. */
const most = { pairs: 8, resyncs: 8 };

/** The block that is shown when a load ends. Ends without a line break. */
export function formatMessagesBlock(result: NativeResult, messages: MessageFigures): string {
  const { parameters, figures } = result;
  const { latency, pairs, resyncs, availability } = messages;
  const worst = pairs.toSorted((a, b) => (b.p99?.ms ?? 0) - (a.p99?.ms ?? 0)).slice(0, most.pairs);
  const rate = (count: number) => `${count} (${(count / parameters.durationSecs).toFixed(2)} per second)`;
  return [
    ...nativeHead(result, source),
    `Input Load: ${formatAsked(parameters.loadTps)} messages per second, written by ${parameters.nodes} peers`,
    `Duration: ${formatAsked(parameters.durationSecs)}s`,
    "",
    "RESULTS:",
    `  Written: ${rate(messages.written)}`,
    `  Readable at every peer: ${rate(figures.committed ?? 0)}`,
    ...deliveryEntries(messages).map(([name, value]) => `  ${name}: ${value}`),
    `  Average Latency: ${formatMs(latency.meanMs)}`,
    `  Latency Std Dev: ${formatMs(latency.stdDevMs)}`,
    "",
    ...nativeLatency(latency, "write due to readable at another peer"),
    "",
    `PAIRS (${worst.length} slowest of ${pairs.length}):`,
    formatTable(pairColumns, worst),
    "",
    ...(resyncs.length === 0
      ? []
      : [
          `RESYNC (${Math.min(most.resyncs, resyncs.length)} of ${resyncs.length}):`,
          formatTable(resyncColumns, resyncs.slice(0, most.resyncs)),
          "",
        ]),
    ...(availability.length === 0
      ? []
      : ["AVAILABILITY:", formatTable(availabilityColumns, availability), ""]),
    "TRAFFIC:",
    ...trafficEntries(messages).map(([name, value]) => `  ${name}: ${value}`),
    "",
    `NETWORK: ${parameters.nodes} peers, ${parameters.protocol}, ${parameters.runtime} runtime`,
    clockLine(messages.peers),
    "",
    ...emulatedLinkSection(result),
    ...nativeFaultSection(result),
    ...growthSection(result),
    ...environmentSection(result),
    blockRule,
  ].join("\n");
}

type Entry = readonly [name: string, value: string];

export function deliveryEntries({ deliveries, ...counts }: MessageFigures): Entry[] {
  const { expected, delivered, missing, peerDown } = deliveries;
  const beside = [
    ["Doubled", counts.doubled],
    ["Out of order", counts.outOfOrder],
    ["Later than 2 s", counts.stale],
  ] as const;
  return [
    ["Deliveries", `${delivered} of ${expected}, ${missing} missing, ${peerDown} with a peer that was down`],
    ...beside.flatMap(([name, count]): Entry[] => (count === 0 ? [] : [[name, String(count)]])),
  ];
}

export function trafficEntries({ goodputMbps, goodputRatio, savings, pairs }: MessageFigures): Entry[] {
  const sent = pairs.reduce((sum, { sentBytes = 0 }) => sum + sentBytes, 0);
  return [
    ["Sent", sent === 0 ? "not reported" : formatBytes(sent)],
    ["Goodput", goodputMbps === undefined ? nothingSeen : `${formatFigure(goodputMbps)} Mbit/s`],
    ["Payload of what was sent", seen(goodputRatio, formatPercent)],
    [
      "Saved against sending the whole state",
      savings === undefined
        ? "nothing to resend"
        : `${formatPercent(savings.bySentRatio)} by senders, ${formatPercent(savings.byReceivedRatio)} by receivers (${savings.resyncs} resyncs)`,
    ],
  ];
}

export function clockLine(peers: readonly MessagePeer[]): string {
  const known = peers.filter(({ clockErrorMs }) => clockErrorMs !== undefined);
  if (known.length < peers.length) return "Clocks: taken for one, because not every peer tells the time";
  const errorMs = Math.max(...known.map(({ clockErrorMs = 0 }) => clockErrorMs));
  const offsetMs = Math.max(...known.map(({ clockOffsetMs = 0 }) => Math.abs(clockOffsetMs)));
  if (errorMs === 0) return "Clocks: one machine, offset 0";
  return `Clocks: at most ${formatMs(offsetMs)} apart from this machine's, corrected, each to within ${formatMs(errorMs)}`;
}

export const pairColumns: readonly Column<MessagePair>[] = [
  left("From", ({ from }) => from),
  left("To", ({ to }) => to),
  right("Delivered", ({ delivered, expected }) => `${delivered}/${expected}`),
  right("Missing", ({ missing }) => String(missing)),
  right("Mean\nms", ({ meanMs }) => seen(meanMs, formatFigure)),
  right("p50\nms", ({ p50 }) => formatQuantile(p50)),
  right("p99\nms", ({ p99 }) => formatQuantile(p99)),
  right("Max\nms", ({ maxMs }) => seen(maxMs, formatFigure)),
  right("Link\nused", ({ utilizationRatio }) => seen(utilizationRatio, formatPercent)),
];

export const resyncColumns: readonly Column<Resync>[] = [
  left("Peer", ({ node }) => node),
  left("After", ({ cause }) => cause),
  right("From\ns", ({ fromSecs }) => fromSecs.toFixed(1)),
  right("To\ns", ({ toSecs }) => toSecs.toFixed(1)),
  right("Behind", ({ behind }) => String(behind)),
  right("First\nms", ({ firstMs }) => seen(firstMs, formatFigure)),
  right("All\nms", ({ resyncMs, resyncMsAtLeast }) =>
    resyncMs === undefined ? `≥${formatFigure(resyncMsAtLeast ?? 0)}` : formatFigure(resyncMs),
  ),
];

const operations: Readonly<Record<Availability["op"], string>> = {
  read: "reads of own data",
  write: "writes",
  fresh: "fresh data of others",
};

export const availabilityColumns: readonly Column<Availability>[] = [
  left("", ({ op }) => operations[op]),
  right("Available", ({ availabilityRatio }) => formatPercent(availabilityRatio)),
  right("Attempts", ({ probes }) => String(probes)),
  right("Longest outage\ns", ({ longestOutageSecs }) => longestOutageSecs.toFixed(1)),
  left("At", ({ outageNode }) => outageNode ?? nothingSeen),
];

export const peerColumns: readonly Column<MessagePeer>[] = [
  left("Peer", ({ name }) => name),
  left("Flavour", ({ flavour }) => (flavour === undefined ? nothingSeen : formatForeign(flavour))),
  right("Written", ({ written }) => String(written)),
  right("Joined\ns", ({ joinedSecs }) => seen(joinedSecs, formatFigure)),
  right("Late p99\nms", ({ lateP99Ms }) => seen(lateP99Ms, formatFigure)),
  right("Connections", ({ connections }) => seen(connections, String)),
  right("Clock\nms", ({ clockOffsetMs }) => seen(clockOffsetMs, formatFigure)),
  right("±", ({ clockErrorMs }) => seen(clockErrorMs, formatFigure)),
  left("Plan", ({ plan }) => plan?.slice(0, 8) ?? nothingSeen),
];
