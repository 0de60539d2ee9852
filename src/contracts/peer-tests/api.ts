/** Bodies and replies of the results server that are no part of the results. */
import { type Of, record } from "../../core/documents/form.ts";
import { choice, constant, count, flag, list, text } from "../../core/documents/form-values.ts";

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
