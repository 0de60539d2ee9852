/** How a run was done. */
import { inline, type Of, record } from "../../core/documents/form.ts";
import {
  choice,
  count,
  flag,
  given,
  natural,
  positive,
  setting,
  table,
  text,
} from "../../core/documents/form-values.ts";
import { camelCase, mapKeys, snakeCase } from "../../core/keys.ts";
import { profileForm } from "../load/load-profile.ts";
import { transportKinds } from "../load/transport.ts";
import type { VerdictLimits } from "./verdict.ts";

export const networkTypeForm = choice(
  "Where the committee runs: on this machine, or on hosts reached over SSH.",
  ["local", "remote"],
);

/** minRoundDelayMs stands as min_round_delay_ms. */
export const protocolOptionsForm = table(
  "Options of the protocol, by its own names, which carry their units.",
  setting("A number, or a text."),
).adapted<Readonly<Record<string, number | string>>>(
  (options) => mapKeys(options, (name) => snakeCase(name).replaceAll("-", "_")),
  (options) => mapKeys(options, camelCase),
);

export const programForm = inline(
  {
    path: text("Path of the nodes' program, where its user named one. environment.json has its hash.")
      .keyed("node_binary")
      .optional(),
    image: text("Image of the nodes, where its user named one.").optional(),
  },
  "optional",
);

export const transportForm = inline({
  kind: choice(
    "How transactions got to the nodes: http, one in each request; http-batch, several in one request; websocket, each as a message; undici, over HTTP by the library of that name, which the others are compared with.",
    transportKinds,
  ).keyed("transport"),
  inFlightPerConnection: natural("Most requests (messages, for websocket) under way on one connection."),
  batchSize: natural("Most transactions in one request; 1 unless the transport is http-batch."),
});

/** What a run has in common with one whose load the nodes made. */
export const commonParameters = {
  nodes: natural("Nodes in the committee."),
  durationSecs: positive("Length of the measurement window, seconds.").keyed("duration"),
  transactionSizeBytes: natural("Size of each transaction, bytes.").keyed("transaction_size"),
  runtime: choice("What the nodes run as: containers or plain processes.", ["docker", "process"]),
  protocol: text("The system under test: the name of its adapter, or of its description."),
  warmUpSecs: given("Load before the window whose transactions are not counted, seconds."),
};

export const runParameterFields = {
  nodes: commonParameters.nodes,
  loadTps: positive(
    "Offered load, transactions per second over all nodes; in a closed loop transactions under way.",
  ).keyed("load"),
  durationSecs: commonParameters.durationSecs,
  transactionSizeBytes: commonParameters.transactionSizeBytes,
  faults: count("Nodes that are crashed on purpose at once, when the window opens."),
  crashRecovery: flag(
    "Whether crashed nodes are started again after crash_interval, and others crash in their place.",
  ),
  crashIntervalSecs: given("With crash_recovery: how long a crashed node stays down, seconds.").keyed(
    "crash_interval",
  ),
  failover: flag(
    "Whether transactions of a node that could not be reached went to the next one; else they failed.",
  ),
  allowNoQuorum: flag("Whether more faults were allowed than the committee tolerates."),
  runtime: commonParameters.runtime,
  protocol: commonParameters.protocol,
  program: programForm,
  clientPlacement: choice(
    "Where the load-generating clients ran: on the hosts of the nodes, or on hosts of their own. Absent: on the machine that ran Baleen.",
    ["colocated", "dedicated"],
  ).optional(),
  warmUpSecs: commonParameters.warmUpSecs,
  drainSecs: given("Longest wait after the window for what is still outstanding, seconds."),
  requestTimeoutMs: positive("Time after which a request without a reply counts as timed out, milliseconds."),
  maxInFlight: natural("Most requests under way at once."),
  queueLimit: count("Most due transactions that wait to be sent; further ones are dropped and counted."),
  transport: transportForm,
  keepNetwork: flag("Whether the loads of the sweep shared one network; else each had a fresh one."),
  protocolOptions: protocolOptionsForm,
  arrival: choice(
    "How transactions arrive: evenly spaced (constant), or with exponential gaps of that mean (poisson).",
    ["constant", "poisson"],
  ),
  clients: natural("Load-generating workers of the run, each a thread of its own."),
  pacing: choice(
    "How clients wait for the next due time: precise uses a core each, balanced sleeps up to 0.1 ms at a time, eco sends once a millisecond what is due.",
    ["precise", "balanced", "eco"],
  ),
  profile: profileForm,
  seed: text("Seed of payloads, arrivals and keys."),
};

export const runParametersForm = record("How the run was done.", runParameterFields);

export interface RunParameters extends Of<typeof runParametersForm> {
  readonly networkType: Of<typeof networkTypeForm>;
  readonly limits: VerdictLimits;
}
