import { resolve } from "node:path";
import type { TransportPlan } from "../../contracts/load/transport.ts";
import type { RemoteParameters, SweepParameters } from "../../contracts/parameters.ts";
import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import { defaultBatchSize, defaultParameters } from "../defaults.ts";
import type { ParameterReader } from "./given.ts";

/**
 * How transactions get to the nodes. What only one transport has must not be asked of another, nor a transport of nodes
 * that have it not.
 */
export function readTransport(
  { name, submission }: ProtocolLimits,
  { given, take, refuse }: ParameterReader,
): TransportPlan {
  const usual = defaultParameters.transport;
  const kind = take("transport", usual.kind);
  const ways = {
    "http-batch": submission?.batch,
    websocket: submission?.webSocket,
    http: true,
    undici: true,
  };
  if (submission !== undefined && ways[kind] === undefined) {
    const what = kind === "websocket" ? "over WebSocket" : "in batches";
    refuse("transport", `the nodes of ${name} accept no transactions ${what}. Use --transport http.`);
  }
  const inFlightPerConnection = take("inFlightPerConnection", usual.inFlightPerConnection);
  const usualBatch = kind === "http-batch" ? defaultBatchSize : usual.batchSize;
  const batchSize = take("batchSize", usualBatch);
  if (given.inFlightPerConnection !== undefined && kind === "undici" && inFlightPerConnection > 1) {
    const why =
      "the transport undici sends one request at a time on each connection. Use 1, or another --transport.";
    refuse("inFlightPerConnection", why);
  }
  if (given.batchSize !== undefined && kind !== "http-batch" && batchSize > 1) {
    const why = `the transport ${kind} sends each transaction by itself. Add --transport http-batch, or remove it.`;
    refuse("batchSize", why);
  }
  return { kind, inFlightPerConnection, batchSize };
}

/** Whether the nodes' RPC is spoken to over TLS, and who is trusted besides the system's authorities. */
export function readRpcTls(
  remote: RemoteParameters | undefined,
  { given, take, refuse }: ParameterReader,
): Pick<SweepParameters, "rpcTls"> {
  const isOverTls = take("rpcTls", false);
  const caFile = take("rpcCa", undefined);
  if (isOverTls && remote !== undefined && remote.clientPlacement !== "coordinator") {
    const why =
      "clients on hosts reach the nodes' RPC without TLS, so their traffic would be unencrypted. Remove it, or use --client-placement coordinator.";
    refuse("rpcTls", why);
  }
  if (isOverTls) return { rpcTls: caFile === undefined ? {} : { caFile: resolve(caFile) } };
  if (given.rpcCa !== undefined) refuse("rpcCa", "requires --rpc-tls. Add it, or remove this option.");
  return {};
}
