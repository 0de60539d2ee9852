import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { Clock } from "../../core/clock.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { openTransport } from "../transport/open-transport.ts";
import {
  type Miss,
  mostAhead,
  type OpenTransport,
  type Transport,
  type TransportListener,
  type TransportRequest,
} from "../transport/transport.ts";

/** Longest wait for a connection; half the request's time-out where that is less, so that the two can be told apart. */
const longestConnectMs = 5000;

/** A target that is down is tried again by one request, so long after the last one that tried. */
const retryAfterMs = 1000;

/** The way to one target. */
export interface Route {
  readonly transport: Transport;
  readonly reachability: Reachability;
  /** Something was handed over since its last turn. */
  isDirty: boolean;
}

/** By this are the connections counted that are opened beforehand: servers give up those that stay unused. */
const expectedReplySecs = 0.02;

/** What transports need of a protocol. */
type SendingCode = Pick<TransportRequest, "transactions" | "submission">;

type Connections = Pick<TransportRequest, "connections" | "connectionsOfOne" | "connectionsAhead">;

export interface RouteRequest {
  readonly plan: ClientPlan;
  readonly code: SendingCode;
  readonly connections: Connections;
  readonly clock: Clock;
  /** Default: by the plan's kind. */
  readonly openTransport?: OpenTransport | undefined;
  readonly listener: TransportListener;
}

export function openRoute(rpc: Endpoint, request: RouteRequest): Route {
  const { plan, code, connections, clock, listener } = request;
  const { requestTimeoutMs, run, client, seed, transactionSizeBytes } = plan;
  const transport = (request.openTransport ?? openTransport)({
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

/**
 * The same code, for use where replies are read and nobody could catch what it throws: that is told to `onError`, and
 * the reply counts as a rejection in a run that ends anyway.
 */
export function guarded(
  { transactions, submission }: SendingCode,
  onError: (error: unknown) => void,
): SendingCode {
  const { classify, isUsualAcceptance } = submission;
  const guard =
    <A, B, C, Answer>(code: (a: A, b: B, c: C) => Answer, otherwise: Answer) =>
    (a: A, b: B, c: C): Answer => {
      try {
        return code(a, b, c);
      } catch (error) {
        onError(error);
        return otherwise;
      }
    };
  return {
    transactions,
    submission: {
      ...submission,
      classify: guard(classify, { accepted: false, reason: "the protocol's own code failed" }),
      ...(isUsualAcceptance && { isUsualAcceptance: guard(isUsualAcceptance, false) }),
    },
  };
}

/** Whether a node can be reached, as far as is known from what became of the requests to it. */
export class Reachability {
  /** It could not be reached, and did not reply to anything since. */
  isDown = false;
  /** While it is down; Infinity while a request tries. */
  #retryAtMs = 0;

  /** It is down, and the next request should find out whether it still is. */
  isDueForRetry(nowMs: number): boolean {
    return this.isDown && nowMs >= this.#retryAtMs;
  }

  /** A request goes there. */
  trying(): void {
    if (this.isDown) this.#retryAtMs = Number.POSITIVE_INFINITY;
  }

  replied(): void {
    this.isDown = false;
  }

  /** A request got no reply. What takes a connection and gives none (a port forwarded to a dead node) is down as before. */
  failed(kind: Exclude<Miss["kind"], "rejected">, nowMs: number): void {
    if (kind === "unreachable") this.isDown = true;
    this.#retryAtMs = nowMs + retryAfterMs;
  }
}
