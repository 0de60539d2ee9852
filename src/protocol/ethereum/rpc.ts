/** Control-plane calls to the JSON-RPC of an Ethereum node, and the parts of its answers that are used. */

import type { CommittedBlock } from "../../contracts/load/commits.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { NodeHealth, ProbeOptions } from "../../contracts/protocol.ts";
import { formatOrigin } from "../../core/address.ts";
import { fetchBytes } from "../../core/http.ts";
import type { ChainExtent } from "../commits/rpc-client.ts";
import { at, parseReply, RpcReplyError } from "../rpc/reply.ts";

class EthereumReplyError extends RpcReplyError {
  protected static override readonly expected = ["an Ethereum node", "JSON-RPC"] as const;
}

/** The first block after the genesis is the first that anything is committed in. */
const earliest = 1;

/** Heights that the node has, and whether it knows of more. */
export async function readExtent(rpc: Endpoint, options: ProbeOptions): Promise<ChainExtent> {
  const [height, syncing] = await ask(rpc, [["eth_blockNumber"], ["eth_syncing"]], options);
  return { earliest, latest: heightOf(rpc, height), catchingUp: isSyncing(syncing) };
}

/**
 * Height and peers of one node; rejects where it does not answer. A development node that makes a block of each
 * transaction has no height to speak of: it stands still without load.
 */
export async function probe(rpc: Endpoint, options: ProbeOptions): Promise<NodeHealth> {
  const [height, syncing, peers, automine] = await ask(
    rpc,
    [["eth_blockNumber"], ["eth_syncing"], ["net_peerCount"], ["anvil_getAutomine"]],
    options,
  );
  const count = at(peers, "result");
  return {
    height: at(automine, "result") === true ? undefined : heightOf(rpc, height),
    peers: count === undefined ? undefined : quantity(count),
    catchingUp: isSyncing(syncing),
  };
}

/** The block at a height, with so many bytes of each transaction's calldata; none, if not said. */
export async function readBlock(
  rpc: Endpoint,
  height: number,
  { headBytes = 0, ...options }: ProbeOptions & { readonly headBytes?: number },
): Promise<CommittedBlock> {
  const call = blockCall(height, headBytes > 0);
  const { body } = await post(rpc, JSON.stringify(numbered(call, 0)), options);
  const block = readBlockOf(resultOf(rpc, parse(rpc, body)), { headBytes, messageBytes: body.length });
  if (block?.height === height) return block;
  throw new EthereumReplyError(rpc, `asked for block ${height}, it sent ${block?.height ?? "none"}`);
}

/** Hash of the block at a height; undefined where the node has none there. */
export async function readBlockHash(
  rpc: Endpoint,
  height: number,
  options: ProbeOptions,
): Promise<string | undefined> {
  const [reply] = await ask(rpc, [blockCall(height, false)], options);
  const block = resultOf(rpc, reply);
  if (block === null) return undefined;
  const hash = at(block, "hash");
  if (typeof hash === "string") return hash;
  throw new EthereumReplyError(rpc, `asked for the hash of block ${height}, it sent something else`);
}

/** A method and its parameters. */
type Call = readonly [method: string, ...params: readonly unknown[]];

/** @param whole with its transactions, not their hashes alone */
export function blockCall(height: number, whole: boolean): Call {
  return ["eth_getBlockByNumber", `0x${height.toString(16)}`, whole];
}

/** A request, to be written as JSON. */
export function numbered([method, ...params]: Call, id: number): object {
  return { jsonrpc: "2.0", id, method, params };
}

/** A whole number as nodes write it: 0x and hexadecimal digits. */
export function quantity(value: unknown): number | undefined {
  const number = typeof value === "string" && /^0x[\da-f]+$/i.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Answers in the order of the calls; undefined for those that have none. */
async function ask(rpc: Endpoint, calls: readonly Call[], options: ProbeOptions): Promise<unknown[]> {
  const { body } = await post(rpc, JSON.stringify(calls.map(numbered)), options);
  const replies = parse(rpc, body);
  // A fault of the whole batch is one answer.
  if (!Array.isArray(replies)) throw new EthereumReplyError(rpc, describe(replies));
  return calls.map((_, id) => (replies as readonly unknown[]).find((reply) => at(reply, "id") === id));
}

function post(rpc: Endpoint, body: string, options: ProbeOptions) {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", path: "/", headers, body, tls: rpc.tls, ...options } as const;
  return fetchBytes(formatOrigin("http", rpc), request);
}

function parse(rpc: Endpoint, body: Buffer): unknown {
  return parseReply(rpc, body.toString(), EthereumReplyError);
}

function resultOf(rpc: Endpoint, reply: unknown): unknown {
  const result = at(reply, "result");
  if (result === undefined) throw new EthereumReplyError(rpc, describe(reply));
  return result;
}

function describe(reply: unknown): string {
  const message = at(reply, "error", "message");
  return message === undefined ? "no result" : String(message);
}

function heightOf(rpc: Endpoint, reply: unknown): number {
  const height = quantity(resultOf(rpc, reply));
  if (height === undefined) throw new EthereumReplyError(rpc, "a height that is not a number");
  return height;
}

/** A node that is done says false; what it is told of a method that it does not have is no sign either. */
function isSyncing(reply: unknown): boolean {
  const syncing = at(reply, "result");
  return syncing !== undefined && syncing !== false;
}

/**
 * What eth_getBlockByNumber gave. A block's time is in whole seconds: its age is up to a second too long.
 *
 * @param options.headBytes so many first bytes of each transaction's calldata are wanted
 * @returns undefined where it is no block
 */
export function readBlockOf(
  value: unknown,
  { headBytes, messageBytes }: { readonly headBytes: number; readonly messageBytes: number },
): CommittedBlock | undefined {
  const [height, timeSecs] = [quantity(at(value, "number")), quantity(at(value, "timestamp"))];
  const fingerprint = at(value, "hash");
  const transactions = at(value, "transactions");
  if (height === undefined || typeof fingerprint !== "string" || !Array.isArray(transactions)) {
    return undefined;
  }
  return {
    height,
    fingerprint,
    transactions: transactions.length,
    heads: packHeads(transactions, headBytes),
    messageBytes,
    timeMs: timeSecs === undefined ? undefined : timeSecs * 1000,
  };
}

/** Those of calldata that is so long, one after another. */
function packHeads(transactions: readonly unknown[], headBytes: number): Uint8Array {
  const letters = 2 * headBytes;
  if (headBytes === 0) return new Uint8Array();
  const heads = Buffer.alloc(headBytes * transactions.length);
  let length = 0;
  for (const transaction of transactions) {
    const input = at(transaction, "input");
    if (typeof input !== "string" || input.length < 2 + letters) continue;
    const written = heads.write(input.slice(2, 2 + letters), length, "hex");
    if (written === headBytes) length += headBytes;
  }
  return heads.subarray(0, length);
}
