/** Control-plane calls to a CometBFT-shaped RPC, and the parts of its answers that are used. */
import type { Endpoint } from "../contracts/deployment.ts";
import type { CommittedBlock, NodeHealth, ProbeOptions } from "../contracts/protocol.ts";
import { formatAuthority } from "../core/address.ts";
import { BaleenError } from "../core/errors.ts";
import { sendHttp } from "../core/http.ts";

/** A node answered, but not with what was asked for. */
export class RpcReplyError extends BaleenError {
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint, reason: string, options?: { cause?: unknown }) {
    super(
      "rpc-reply",
      `The node at ${formatAuthority(endpoint)} answered otherwise than CometBFT 0.38 does: ${reason}. ` +
        "Check that its RPC port is meant.",
      options,
    );
    this.endpoint = endpoint;
  }
}

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

/** The block at a height. */
export async function readBlock(
  rpc: Endpoint,
  height: number,
  options: ProbeOptions,
): Promise<CommittedBlock> {
  const block = decodeBlock(rpc, await call(rpc, `/block?height=${height}`, options));
  if (block.height !== height) {
    throw new RpcReplyError(rpc, `asked for block ${height}, it sent block ${block.height}`);
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

/** Reads `{block, block_id}`, as in replies and in events. */
export function decodeBlock(rpc: Endpoint, value: unknown): CommittedBlock {
  const fingerprint = at(value, "block_id", "hash");
  // Go writes an empty list as null.
  const encoded = at(value, "block", "data", "txs") ?? [];
  if (typeof fingerprint !== "string" || fingerprint === "") {
    throw new RpcReplyError(rpc, "a block without block_id.hash");
  }
  if (!Array.isArray(encoded)) throw new RpcReplyError(rpc, "a block whose txs are no list");
  const transactions = encoded.map((tx: unknown) => {
    if (typeof tx !== "string") throw new RpcReplyError(rpc, "a transaction that is no string");
    return Buffer.from(tx, "base64");
  });
  const header = at(value, "block", "header");
  return {
    height: integer(rpc, at(header, "height")),
    fingerprint,
    transactions,
    timeMs: wallTime(at(header, "time")),
  };
}

/** Walks into parsed JSON; undefined where the way ends. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/** Parses JSON of the node's. */
export function parseReply(rpc: Endpoint, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notJson(rpc, text, error);
  }
}

function notJson(rpc: Endpoint, text: string, cause: unknown): RpcReplyError {
  return new RpcReplyError(rpc, `not JSON: ${JSON.stringify(text.slice(0, 80))}`, { cause });
}

async function call(rpc: Endpoint, path: string, options: ProbeOptions): Promise<unknown> {
  const reply = await sendHttp(`http://${formatAuthority(rpc)}`, { method: "GET", path, ...options });
  const parsed = parseReply(rpc, reply.body);
  const result = at(parsed, "result");
  if (result === undefined) {
    const reason = at(parsed, "error", "data") || at(parsed, "error", "message") || "no result";
    throw new RpcReplyError(rpc, `${path}: HTTP ${reply.status}, ${String(reason)}`);
  }
  return result;
}

/** 64-bit integers come as strings, 32-bit ones as numbers. */
function integer(rpc: Endpoint, value: unknown): number {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number)) return number;
  throw new RpcReplyError(rpc, `${JSON.stringify(value)} where an integer belongs`);
}

/** RFC 3339; undefined where there is none. What is below a millisecond is cut off. */
function wallTime(value: unknown): number | undefined {
  const timeMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
