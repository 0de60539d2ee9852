/** Replies as a node gives them, and the ends that they lead to. */
import type { Miss } from "../../../src/load/transport/transport.ts";

/** "rejected: …", "timed out", "broken: CODE". */
export function showMiss(miss: Miss): string {
  if (miss.kind === "timedOut") return "timed out";
  return `${miss.kind}: ${miss.kind === "rejected" ? miss.reason : miss.code}`;
}

export const idOf = (request: string): number => (JSON.parse(request) as { id: number }).id;

const hash = "AB".repeat(32);

export const accepted = (id: unknown): string =>
  `{"jsonrpc":"2.0","id":${id},"result":{"code":0,"data":"","log":"","codespace":"","hash":"${hash}"}}`;

export const refused = (id: unknown): string =>
  `{"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":"Internal error","data":"mempool is full"}}`;
