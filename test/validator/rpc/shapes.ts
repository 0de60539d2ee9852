import { expect } from "vitest";
import { post } from "./running.ts";

/** Every leaf replaced by what kind of value stands there; a list by the kinds of its first entry. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shapeOf(entry)]));
  }
  if (typeof value !== "string") return value === null ? "null" : typeof value;
  if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})?$/.test(value)) return "hash";
  if (/^\d+$/.test(value)) return "int64";
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return "time";
  return "string";
}

export async function resultOf(url: string, method: string, params: object = {}): Promise<unknown> {
  const { reply } = await post(url, { jsonrpc: "2.0", id: 1, method, params });
  expect(reply).toMatchObject({ jsonrpc: "2.0", id: 1, result: expect.anything() });
  return (reply as { result: unknown }).result;
}

export const blockIdShape = { hash: "hash", parts: { total: "number", hash: "hash" } };
export const headerShape = {
  version: { block: "int64", app: "int64" },
  chain_id: "string",
  height: "int64",
  time: "time",
  last_block_id: blockIdShape,
  last_commit_hash: "hash",
  data_hash: "hash",
  validators_hash: "hash",
  next_validators_hash: "hash",
  consensus_hash: "hash",
  app_hash: "hash",
  last_results_hash: "hash",
  evidence_hash: "hash",
  proposer_address: "hash",
};
export const blockShape = {
  header: headerShape,
  data: { txs: ["string"] },
  evidence: { evidence: [] },
  last_commit: { height: "int64", round: "number", block_id: blockIdShape, signatures: [] },
};
export const publicKeyShape = { type: "string", value: "string" };
export const nodeInfoShape = {
  protocol_version: { p2p: "int64", block: "int64", app: "int64" },
  id: "string",
  listen_addr: "hash",
  network: "string",
  version: "string",
  channels: "hash",
  moniker: "string",
  other: { tx_index: "string", rpc_address: "string" },
};
export const executedShape = {
  code: "number",
  data: "null",
  log: "hash",
  info: "hash",
  gas_wanted: "int64",
  gas_used: "int64",
  events: [],
  codespace: "hash",
};

export function upperHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}
