import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { Clock } from "../../core/clock.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import {
  mostAhead,
  type OpenTransport,
  type Transport,
  type TransportListener,
  type TransportRequest,
} from "../transport/transport.ts";
import type { SendingCode } from "./guarded.ts";
import { Reachability } from "./reachability.ts";

/** Longest wait for a connection; half the request's time-out where that is less, so that the two can be told apart. */
const longestConnectMs = 5000;

/** The way to one target. */
export interface Route {
  readonly transport: Transport;
  readonly reachability: Reachability;
  /** Something was handed over since its last turn. */
  isDirty: boolean;
}

/** By this are the connections counted that are opened beforehand: servers give up those that stay unused. */
const expectedReplySecs = 0.02;

type Connections = Pick<TransportRequest, "connections" | "connectionsOfOne" | "connectionsAhead">;

export interface RouteRequest {
  readonly plan: ClientPlan;
  readonly code: SendingCode;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly openTransport: OpenTransport;
  readonly listener: TransportListener;
}

export function openRoute(rpc: Endpoint, request: RouteRequest): Route {
  const { plan, code, connections, clock, openTransport, listener } = request;
  const { requestTimeoutMs, run, client, seed, transactionSizeBytes } = plan;
  const transport = openTransport({
    rpc,
    ...code,
    ...{ run, client, seed, transactionSizeBytes },
    plan: plan.transport,
    ...connections,
    connectTimeoutMs: Math.min(longestConnectMs, requestTimeoutMs / 2),
    requestTimeoutMs,
    clock,
    listener,
  });
  return { transport, reachability: new Reachability(), isDirty: false };
}

/**
 * Connections to each target: for all that one target has under way, and with failover for all that any has. A request
 * of http-batch may hold a single transaction.
 */
export function connectionsFor(
  plan: Pick<ClientPlan, "transport" | "targets" | "failover" | "rateTps" | "share">,
  inFlightShare: number,
): Connections {
  const { transport, targets, failover } = plan;
  const lanes = failover ? targets.length : 1;
  const places = transport.kind === "undici" ? 1 : transport.inFlightPerConnection;
  const expected = (plan.rateTps / plan.share.of / targets.length) * expectedReplySecs;
  return {
    connections: Math.ceil(inFlightShare / places) * lanes,
    connectionsOfOne: inFlightShare * lanes,
    connectionsAhead: Math.min(mostAhead, Math.max(2, Math.ceil(expected / places))),
  };
}
