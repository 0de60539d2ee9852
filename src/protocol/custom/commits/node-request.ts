/** Questions to one node over HTTP, by a description. */
import type { Endpoint } from "../../../contracts/nodes/node.ts";
import type { ProbeOptions } from "../../../contracts/protocol.ts";
import { formatOrigin } from "../../../core/address.ts";
import { compilePointer } from "../../../core/documents/json-pointer.ts";
import { type HttpPool, type HttpReply, openHttpPool } from "../../../core/http.ts";
import { parseJson } from "../../rpc/reply.ts";
import { compileRequest, fillRequest } from "../description/request.ts";
import type { RequestEntry, StartEntry } from "../schema/schema.ts";
import { readPosition, UnfitReplyError } from "./committed-items.ts";

/** What a reply says of commits that came while the node was not reached may be as large as a block. */
const largestReplyBytes = 256 * 2 ** 20;

/** A connection for questions, made anew as often as it takes; one question at a time. */
export function openQuestions(rpc: Endpoint, { timeoutMs }: Pick<ProbeOptions, "timeoutMs">): HttpPool {
  return openHttpPool(formatOrigin("http", rpc), {
    connections: 1,
    connectTimeoutMs: timeoutMs,
    tls: rpc.tls,
    largestReplyBytes,
  });
}

/** Asks with a cursor. Rejects where no whole reply came in time. */
export function compileAsk(entry: RequestEntry) {
  const request = compileRequest(entry);
  return (pool: HttpPool, cursor: number, options: ProbeOptions) =>
    pool.send({ ...fillRequest(request, () => String(cursor)), ...options });
}

/** Asks a node for the position that it is at. @throws UnfitReplyError where it tells none */
export function compilePosition({ position, ...entry }: StartEntry) {
  const ask = compileAsk(entry);
  const positionIn = compilePointer(position);
  return async (pool: HttpPool, options: ProbeOptions) =>
    readPosition(positionIn(parseGood(await ask(pool, 0, options))), position);
}

/** @throws UnfitReplyError unless it is JSON, and its status says that all is well */
export function parseGood({ status, body }: HttpReply): unknown {
  if (status < 200 || status > 299) throw new UnfitReplyError(`HTTP ${status}: ${body.slice(0, 100).trim()}`);
  const reply = parseJson(body);
  if (reply === undefined) throw new UnfitReplyError(`no JSON: ${JSON.stringify(body.slice(0, 80))}`);
  return reply;
}
