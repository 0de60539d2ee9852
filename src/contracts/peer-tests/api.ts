/** Bodies and replies of the results server that are no part of the results. */
import { type Of, record } from "../../core/documents/form.ts";
import { choice, constant, count, flag, given, list, text } from "../../core/documents/form-values.ts";
import { recordOf } from "../../core/keys.ts";
import { packetForms } from "./metrics.ts";
import { peerId } from "./names.ts";
import { families, type PacketMetric } from "./packets.ts";

export const newTestForm = record(
  "How a test begins.",
  { started: flag("Whether it starts at once; default: false.").optional() },
  { id: "new-test", isClosed: true },
);

/** What is in the way of a request, in one word. */
export const refusals = [
  "invalid-test-id",
  "invalid-peer-id",
  "invalid-body",
  "invalid-query",
  "test-not-found",
  "test-not-started",
  "test-already-finished",
  "test-already-exists",
  "body-too-large",
  "limit-reached",
  "not-stored",
  "unreadable",
  "in-use",
  "busy",
] as const;

export type Refusal = (typeof refusals)[number];

export const faultForm = record("A place of the body that is not of its form.", {
  place: text("The way there: position[1]; it: the whole."),
  message: text("What should stand there."),
});

export const refusalForm = record(
  "Why a request was refused.",
  {
    status: choice("The reason, for programs.", refusals),
    error: text("The same for people, with the remedy."),
    faults: list("All places of the body that are not of its form.", faultForm).optional(),
  },
  { id: "refusal" },
);

export interface RefusalReply extends Of<typeof refusalForm> {}

export const accessRefusalForm = record(
  "Why a request was refused before it was looked at.",
  { error: text("For people.") },
  { id: "access-refusal" },
);

export const relayStatusForm = record("What was written to InfluxDB since this server started.", {
  url: text("Where it is written, without credentials."),
  pointsWritten: count("Points that the database accepted.").keyed("pointsWritten"),
  pointsWaiting: count("Points that are still to be written.").keyed("pointsWaiting"),
  pointsDropped: count(
    "Points that were not written: the database was away too long, or refused them.",
  ).keyed("pointsDropped"),
  trouble: text("The first failed write; omitted if none failed.").optional(),
});

export const serverStatusForm = record(
  "That the server answers.",
  {
    status: constant("Always ok.", "ok"),
    relay: relayStatusForm.optional(),
  },
  { id: "server-status" },
);

export interface ServerStatus extends Of<typeof serverStatusForm> {}

/** Figures of a last data point that are passed on unchanged. */
export const lastPointMetrics = [
  ...families.map((family) => `${family}Total` as const),
  "sentTotalBytes",
  "receivedTotalBytes",
] as const satisfies readonly PacketMetric[];

const extraMeanings = {
  elapsedMs: "Length of the peer's test so far, milliseconds.",
  tickRatePerSec: "Calls of its routine per second, in the window.",
  timerLatenessMaxMs: "The latest timer of its page in the window, milliseconds.",
  deliveredMessages: "Messages of other peers that arrived since the test began, each counted once.",
} as const;

type LastExtra = keyof typeof extraMeanings;
export const lastExtras = Object.keys(extraMeanings) as readonly LastExtra[];

export const lastPointForm = record(
  "What a peer said in its last data point, in short.",
  {
    peerId: peerId("The peer that sent it.").keyed("peerId"),
    timestamp: count("When the server received it, milliseconds since 1970 UTC."),
    points: count("Data points that this peer has sent."),
    ...recordOf(lastPointMetrics, (name) => packetForms[name]),
    connectedPeersCount: count("Number of peers to which it is connected.").keyed("connectedPeersCount"),
    extra: record("Of its further figures those that the client page has; omitted if it sent none of them.", {
      ...recordOf(lastExtras, (name) => given(extraMeanings[name], {}).keyed(name).optional()),
    }).optional(),
  },
  { id: "last-point" },
);

export interface LastPoint extends Of<typeof lastPointForm> {}

export const lastPointsForm = list(
  "The last data point of each peer that has sent one, in the order of their ids.",
  lastPointForm,
);
