import type { TransportKind } from "../../contracts/load/transport.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { openBatchTransport } from "../transport/batch/batch.ts";
import { openHttpTransport } from "../transport/http/http-transport.ts";
import type { OpenTransport, Transport, TransportRequest } from "../transport/transport.ts";
import { openUndiciTransport } from "../transport/undici.ts";
import { openWebSocketTransport } from "../transport/websocket/websocket.ts";

const ways: { readonly [K in TransportKind]?: OpenTransport } = {
  http: openHttpTransport,
  "http-batch": openBatchTransport,
  websocket: openWebSocketTransport,
  undici: openUndiciTransport,
};

/** Opens the way to one node that the plan asks for. */
export function openTransport(request: TransportRequest): Transport {
  const open = ways[request.plan.kind];
  if (open === undefined) throw new InvalidArgumentError(`There is no transport "${request.plan.kind}".`);
  return open(request);
}
