/** What a peer asks its coordinator. */
import { formatOrigin } from "../core/address.ts";
import type { Address, Admission, PeerConfigFile } from "./config.ts";

const timeoutMs = 5000;

/** @throws Error where it does not answer */
export async function register(
  { name, peer, coordinator }: PeerConfigFile,
  signal: AbortSignal,
): Promise<Admission> {
  const reply = await fetch(`${formatOrigin("http", coordinator)}/peers`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, address: peer }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  if (reply.status !== 200) throw new Error(`the coordinator answers ${reply.status}`);
  return (await reply.json()) as Admission;
}

/** Whether all peers that are waited for have registered; false where it does not answer. */
export async function areComplete(coordinator: Address, signal: AbortSignal): Promise<boolean> {
  try {
    const reply = await fetch(`${formatOrigin("http", coordinator)}/status`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return ((await reply.json()) as { readonly isComplete?: unknown }).isComplete === true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
