/** That a committee's nodes committed the same: asked for after each load, since speed without it means nothing. */
import type { Network } from "../../src/contracts/deployment.ts";
import { readBlock, readExtent } from "../../src/protocol/commits/rpc-client.ts";

const timeoutMs = 10_000;

/** @throws Error where two nodes show different blocks at the highest height that all have */
export async function checkAgreement(network: Network, signal: AbortSignal): Promise<void> {
  const options = { timeoutMs, signal };
  const nodes = network.nodes.map(({ name }) => ({
    name,
    rpc: network.endpoint(name, "coordinator", "rpc"),
  }));
  const extents = await Promise.all(nodes.map(({ rpc }) => readExtent(rpc, options)));
  const height = Math.min(...extents.map(({ latest }) => latest));
  const shown = await Promise.all(
    nodes.map(async ({ name, rpc }) => ({ name, hash: (await readBlock(rpc, height, options)).fingerprint })),
  );
  if (new Set(shown.map(({ hash }) => hash)).size === 1) return;
  const list = shown.map(({ name, hash }) => `${name}: ${hash}`).join(", ");
  throw new Error(`The nodes disagree at height ${height}: ${list}`);
}
