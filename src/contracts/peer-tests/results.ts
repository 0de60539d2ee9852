/** Results of a test of peers: the document that is kept when it ends. */
import { type Of, record } from "../../core/documents/form.ts";
import { anything, count, list, table } from "../../core/documents/form-values.ts";
import { metricsForm } from "./metrics.ts";
import { peerId, testId } from "./names.ts";

const receivedAt = "When the server received it, milliseconds since 1970 UTC.";

export const dataPointForm = record(
  "One report of a peer.",
  {
    peerId: peerId("The peer that sent it.").keyed("peerId"),
    timestamp: count(receivedAt),
    metrics: metricsForm,
  },
  { id: "data-point" },
);

export interface DataPoint extends Of<typeof dataPointForm> {}

export const topologyForm = record(
  "Who was connected to whom, as a client reported it.",
  { timestamp: count(receivedAt), topology: anything("Any JSON.") },
  { id: "topology" },
);

export const peerResultsForm = table(
  "The last results that a peer reported of itself, and `timestamp`: when the server received them.",
  anything("Any JSON."),
);

const status = {
  started: count("When the test started, milliseconds since 1970 UTC; omitted before that.").optional(),
  finished: count("When it finished, milliseconds since 1970 UTC; omitted before that.").optional(),
};

export const testStatusForm = record(
  "How far a test is.",
  { id: testId("Id of the test."), ...status },
  { id: "test-status" },
);

export interface TestStatus extends Of<typeof testStatusForm> {}

export const testResultsForm = record("Results of a test of peers.", {
  id: testId("Id of the test."),
  dataPoints: list("Reports of peers, in the order in which they came.", dataPointForm).keyed("dataPoints"),
  topologyDataPoints: list("What was reported of connections; omitted if nothing was.", topologyForm)
    .keyed("topologyDataPoints")
    .optional(),
  results: table(
    "What peers reported as their results, by their ids; omitted if none did.",
    peerResultsForm,
  ).optional(),
  ...status,
});

export interface TestResults extends Of<typeof testResultsForm> {}
