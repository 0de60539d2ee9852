import type { TransportKind } from "../../contracts/load/transport.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { openBatchTransport } from "./batch/batch.ts";
import { openHttpTransport } from "./http/http-transport.ts";
import type { OpenTransport, Transport, TransportRequest } from "./transport.ts";
import { openUndiciTransport } from "./undici.ts";
import { openWebSocketTransport } from "./websocket/websocket.ts";

const ways: Readonly<Record<TransportKind, OpenTransport>> = {
  http: openHttpTransport,
  "http-batch": openBatchTransport,
  websocket: openWebSocketTransport,
  undici: openUndiciTransport,
};

/** Opens the way to one node that the plan asks for. */
export function openTransport(request: TransportRequest): Transport {
  // A plan comes from another process: its kind may be one that this version does not know.
  const open: OpenTransport | undefined = ways[request.plan.kind];
  if (open === undefined) throw new InvalidArgumentError(`There is no transport "${request.plan.kind}".`);
  return open(request);
}
