/** Control-plane calls to a CometBFT-shaped RPC, and the parts of its answers that are used. */

import type { CommittedBlock } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { NodeHealth, ProbeOptions } from "../../contracts/protocol.ts";
import { formatOrigin } from "../../core/address.ts";
import { type ControlRequest, fetchBytes, sendHttp } from "../../core/http.ts";
import { at, integer, parseReply, RpcReplyError } from "../rpc/reply.ts";
import { blockPlaces, openBlockMessage } from "./block-message.ts";

/** How far a node is. */
export interface ChainExtent {
  readonly earliest: number;
  readonly latest: number;
  readonly catchingUp: boolean;
}

/** Heights that the node has, and whether it knows of more. */
export async function readExtent(rpc: Endpoint, options: ProbeOptions): Promise<ChainExtent> {
  const status = await call(rpc, "/status", options);
  const height = (name: string) => integer(rpc, at(status, "sync_info", name));
  return {
    earliest: height("earliest_block_height"),
    latest: height("latest_block_height"),
    catchingUp: at(status, "sync_info", "catching_up") === true,
  };
}

/** Height and peers of one node; rejects where it does not answer. */
export async function probe(rpc: Endpoint, options: ProbeOptions): Promise<NodeHealth> {
  const [extent, network] = await Promise.all([readExtent(rpc, options), call(rpc, "/net_info", options)]);
  const { latest, catchingUp } = extent;
  return { height: latest, peers: integer(rpc, at(network, "n_peers")), catchingUp };
}

/** The block at a height, with so many bytes of each of its transactions; none, if not said. */
export async function readBlock(
  rpc: Endpoint,
  height: number,
  { headBytes = 0, ...options }: ProbeOptions & { readonly headBytes?: number },
): Promise<CommittedBlock> {
  const path = `/block?height=${height}`;
  const { status, body } = await fetchBytes(formatOrigin("http", rpc), requestOf(rpc, path, options));
  const message = openBlockMessage(rpc, body, { place: blockPlaces.reply, headBytes });
  resultOf(rpc, message.reply, { path, status });
  const block = message.block();
  if (block?.height !== height) {
    throw new RpcReplyError(rpc, `asked for block ${height}, it sent block ${block?.height}`);
  }
  return block;
}

/** Hash of the block at a height, without the block's transactions; undefined where the node has no block there. */
export async function readBlockHash(
  rpc: Endpoint,
  height: number,
  options: ProbeOptions,
): Promise<string | undefined> {
  try {
    return await askBlockHash(rpc, height, options);
  } catch (error) {
    if (!(error instanceof RpcReplyError)) throw error;
    const { earliest, latest } = await readExtent(rpc, options);
    if (earliest <= height && height <= latest) throw error;
    return undefined;
  }
}

async function askBlockHash(rpc: Endpoint, height: number, options: ProbeOptions): Promise<string> {
  const range = `minHeight=${height}&maxHeight=${height}`;
  const metas = at(await call(rpc, `/blockchain?${range}`, options), "block_metas");
  const [meta]: readonly unknown[] = Array.isArray(metas) ? metas : [];
  const hash = at(meta, "block_id", "hash");
  if (at(meta, "header", "height") !== String(height) || typeof hash !== "string" || hash === "") {
    throw new RpcReplyError(rpc, `asked for the hash of block ${height}, it sent something else`);
  }
  return hash;
}

async function call(rpc: Endpoint, path: string, options: ProbeOptions): Promise<unknown> {
  const { status, body } = await sendHttp(formatOrigin("http", rpc), requestOf(rpc, path, options));
  return resultOf(rpc, parseReply(rpc, body), { path, status });
}

function requestOf(rpc: Endpoint, path: string, options: ProbeOptions): ControlRequest {
  return { method: "GET", path, tls: rpc.tls, ...options };
}

function resultOf(rpc: Endpoint, reply: unknown, asked: { path: string; status: number }): unknown {
  const result = at(reply, "result");
  if (result !== undefined) return result;
  const reason = at(reply, "error", "data") || at(reply, "error", "message") || "no result";
  throw new RpcReplyError(rpc, `${asked.path}: HTTP ${asked.status}, ${String(reason)}`);
}
