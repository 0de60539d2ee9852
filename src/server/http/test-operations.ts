/** What the results server can be asked: routes and their OpenAPI document are made of this table. */
import {
  accessRefusalForm,
  lastPointsForm,
  newTestForm,
  type Refusal,
  refusalForm,
  serverStatusForm,
} from "../../contracts/peer-tests/api.ts";
import { metricsForm } from "../../contracts/peer-tests/metrics.ts";
import {
  dataPointForm,
  peerResultsForm,
  testResultsForm,
  testStatusForm,
} from "../../contracts/peer-tests/results.ts";
import { anything, table } from "../../core/documents/form-values.ts";
import { peerTestLimits as limits } from "../peer-tests/limits.ts";

/** Everything that bodies and replies are, by its name in the OpenAPI document. */
export const testForms = {
  "new-test": newTestForm,
  metrics: metricsForm,
  "data-point": dataPointForm,
  "peer-results-body": table("What a peer reports as its results.", anything("Any JSON.")),
  "peer-results": peerResultsForm,
  "topology-body": anything("Who is connected to whom: an object or a list of any form."),
  "test-status": testStatusForm,
  "test-results": testResultsForm,
  "last-points": lastPointsForm,
  "server-status": serverStatusForm,
  refusal: refusalForm,
  "access-refusal": accessRefusalForm,
} as const;

export type TestFormName = keyof typeof testForms;

export interface TestOperation {
  readonly method: "GET" | "POST" | "PUT";
  /** With "{testId}" where an id stands. */
  readonly path: string;
  readonly summary: string;
  readonly body?: { readonly form: TestFormName; readonly isRequired: boolean; readonly mostBytes: number };
  /** Of `dataPoints` in the query: whether points are a part of the reply, unless it says otherwise. */
  readonly dataPoints?: boolean;
  /** What a reply may be. */
  readonly replies: readonly TestFormName[];
  readonly refusals: readonly Refusal[];
}

const body = (form: TestFormName) => ({ form, isRequired: true, mostBytes: limits.bodyBytes });
const newTest = { form: "new-test", isRequired: false, mostBytes: limits.newTestBodyBytes } as const;
const creation = ["invalid-body", "body-too-large", "in-use", "limit-reached", "not-stored"] as const;
const known = ["invalid-test-id", "test-not-found", "unreadable", "in-use"] as const;
const changed = [...known, "test-already-finished", "not-stored"] as const;
const reported = [...changed, "invalid-body", "test-not-started", "body-too-large", "limit-reached"] as const;

export const testOperations = {
  getStatus: {
    method: "GET",
    path: "/status",
    summary: "Whether the server answers, and what was relayed to InfluxDB.",
    replies: ["server-status"],
    refusals: [],
  },
  createRandomTest: {
    method: "POST",
    path: "/test",
    summary: "Creates a test with a random id.",
    body: newTest,
    replies: ["test-status"],
    refusals: creation,
  },
  createTest: {
    method: "POST",
    path: "/test/{testId}",
    summary: "Creates a test.",
    body: newTest,
    replies: ["test-status"],
    refusals: ["invalid-test-id", "test-already-exists", ...creation],
  },
  getTest: {
    method: "GET",
    path: "/test/{testId}",
    summary: "How far a test is, or its results so far.",
    dataPoints: false,
    replies: ["test-status", "test-results"],
    refusals: [...known, "invalid-query", "busy"],
  },
  getPeers: {
    method: "GET",
    path: "/test/{testId}/peers",
    summary: "What each peer of a test under way said last.",
    replies: ["last-points"],
    refusals: [...known, "test-already-finished", "busy"],
  },
  startTest: {
    method: "PUT",
    path: "/test/{testId}/start",
    summary: "Starts a test. Starting it again changes nothing.",
    replies: ["test-status"],
    refusals: changed,
  },
  finishTest: {
    method: "PUT",
    path: "/test/{testId}/finish",
    summary: "Finishes a test, writes its results to disk, and replies with them.",
    dataPoints: true,
    replies: ["test-results", "test-status"],
    refusals: [...changed, "invalid-query", "test-not-started", "busy"],
  },
  addMetrics: {
    method: "PUT",
    path: "/test/{testId}/peer/{peerId}/metrics",
    summary: "Adds what a peer reports of its last window.",
    body: body("metrics"),
    replies: ["data-point"],
    refusals: ["invalid-peer-id", ...reported],
  },
  addResults: {
    method: "PUT",
    path: "/test/{testId}/peer/{peerId}/results",
    summary: "Keeps what a peer reports as its results, in place of earlier ones.",
    body: body("peer-results-body"),
    replies: ["peer-results"],
    refusals: ["invalid-peer-id", ...reported],
  },
  addTopology: {
    method: "PUT",
    path: "/test/{testId}/topology",
    summary: "Adds who is connected to whom.",
    body: body("topology-body"),
    replies: ["test-status"],
    refusals: reported,
  },
} as const satisfies Readonly<Record<string, TestOperation>>;

export type TestOperationId = keyof typeof testOperations;

/** The status of HTTP that goes with each refusal. */
export const refusalStatus: Readonly<Record<Refusal, number>> = {
  "invalid-test-id": 400,
  "invalid-peer-id": 400,
  "invalid-body": 400,
  "invalid-query": 400,
  "test-not-started": 400,
  "test-already-finished": 400,
  "test-not-found": 404,
  "test-already-exists": 409,
  "body-too-large": 413,
  unreadable: 500,
  "in-use": 503,
  busy: 503,
  "limit-reached": 507,
  "not-stored": 507,
};
