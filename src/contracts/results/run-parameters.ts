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
  "Options of the protocol by their own names, which include the unit.",
  setting("A number or text."),
).adapted<Readonly<Record<string, number | string>>>(
  (options) => mapKeys(options, (name) => snakeCase(name).replaceAll("-", "_")),
  (options) => mapKeys(options, camelCase),
);

export const programForm = inline(
  {
    path: text("Path of the nodes' program; omitted if the user set none. environment.json has its hash.")
      .keyed("node_binary")
      .optional(),
    image: text("Image of the nodes; omitted if the user set none.").optional(),
  },
  "optional",
);

export const transportForm = inline({
  kind: choice(
    "How transactions were sent: http, one per request; http-batch, several per request; websocket, one per message; undici, over HTTP with that library, for comparison.",
    transportKinds,
  ).keyed("transport"),
  inFlightPerConnection: natural("Most requests (messages, for websocket) in flight on one connection."),
  batchSize: natural("Most transactions in one request; 1 unless the transport is http-batch."),
});

/** What a run has in common with one whose load the nodes made. */
export const commonParameters = {
  name: text("Name of the run; omitted if the user gave none.").optional(),
  tags: table("Tags of the run by key; omitted if the user gave none.", text("A value.")).optional(),
  nodes: natural("Nodes in the committee."),
  durationSecs: positive("Length of the measurement window, seconds.").keyed("duration"),
  transactionSizeBytes: natural("Size of each transaction, bytes.").keyed("transaction_size"),
  runtime: choice("How the nodes run: as containers or plain processes.", ["docker", "process"]),
  protocol: text("The system under test: the name of its adapter, or of its description."),
  warmUpSecs: given("Load before the window, seconds; its transactions are not counted."),
  links: text("Name of the emulated links; omitted if there were none.").optional(),
  timeline: text("Name of the timeline; omitted if there was none.").optional(),
};

export const runParameterFields = {
  name: commonParameters.name,
  tags: commonParameters.tags,
  nodes: commonParameters.nodes,
  loadTps: positive(
    "Offered load, transactions per second over all nodes; in a closed loop, transactions in flight.",
  ).keyed("load"),
  durationSecs: commonParameters.durationSecs,
  transactionSizeBytes: commonParameters.transactionSizeBytes,
  faults: count("Nodes that are crashed on purpose at the same time, when the window opens."),
  crashRecovery: flag(
    "Whether crashed nodes are restarted after crash_interval, and others are crashed in turn.",
  ),
  crashIntervalSecs: given("With crash_recovery: how long a crashed node stays down, seconds.").keyed(
    "crash_interval",
  ),
  failover: flag(
    "Whether transactions of an unreachable node were sent to the next one; otherwise they failed.",
  ),
  allowNoQuorum: flag("Whether more faults were allowed than the committee tolerates."),
  runtime: commonParameters.runtime,
  protocol: commonParameters.protocol,
  program: programForm,
  clientPlacement: choice(
    "Where the load-generating clients ran: on the hosts of the nodes, or on dedicated hosts. Omitted if they ran on the machine that ran Baleen.",
    ["colocated", "dedicated"],
  ).optional(),
  links: commonParameters.links,
  timeline: commonParameters.timeline,
  warmUpSecs: commonParameters.warmUpSecs,
  drainSecs: given("Longest wait after the window for outstanding transactions, seconds."),
  requestTimeoutMs: positive("Time after which a request without a reply counts as timed out, milliseconds."),
  maxInFlight: natural("Most requests in flight."),
  queueLimit: count("Most due transactions that wait to be sent; further ones are dropped and counted."),
  transport: transportForm,
  keepNetwork: flag("Whether the loads of the sweep shared one network; otherwise each had a fresh one."),
  protocolOptions: protocolOptionsForm,
  arrival: choice(
    "Gaps between transactions: even (constant), or exponential with the same mean (poisson).",
    ["constant", "poisson"],
  ),
  clients: natural("Load-generating threads of the run."),
  pacing: choice(
    "How clients wait for the next due time: precise uses a core each, balanced sleeps up to 0.1 ms at a time, eco sends due transactions once a millisecond.",
    ["precise", "balanced", "eco"],
  ),
  profile: profileForm,
  seed: text("Seed of payloads, arrivals and keys."),
};

export const runParametersForm = record("Parameters of the run.", runParameterFields);

export interface RunParameters extends Of<typeof runParametersForm> {
  readonly networkType: Of<typeof networkTypeForm>;
  readonly limits: VerdictLimits;
}
