import { RpcError } from "./error.ts";
import { commitTimeoutMs } from "./limits.ts";
import { type Method, method, type RpcContext } from "./method.ts";
import { bytes } from "./parameters.ts";
import { executedJson, hex } from "./shapes.ts";

/** broadcast_tx_async, broadcast_tx_sync, broadcast_tx_commit. There is no application to ask, so the first two are one. */
export const broadcastMethods: Readonly<Record<string, Method>> = {
  broadcast_tx_async: method([bytes("tx")], broadcast),
  broadcast_tx_sync: method([bytes("tx")], broadcast),
  broadcast_tx_commit: method([bytes("tx")], broadcastAndWait),
};

function broadcast({ chain }: RpcContext, transaction: Uint8Array): string {
  checkNotEmpty(transaction);
  const submitted = chain.submit(transaction);
  if (!submitted.accepted) throw new RpcError("internal", submitted.message);
  return `{"code":0,"data":"","log":"","codespace":"","hash":"${hex(submitted.hash)}"}`;
}

/** Kept out here: an absent argument reads as no bytes, and a transaction of none would never be told from another. */
function checkNotEmpty(transaction: Uint8Array): void {
  if (transaction.length === 0) throw new RpcError("params", "tx is empty; pass at least one byte");
}

async function broadcastAndWait(context: RpcContext, transaction: Uint8Array): Promise<string> {
  checkNotEmpty(transaction);
  context.subscribers.check();
  const submitted = context.chain.submit(transaction);
  if (!submitted.accepted) {
    throw new RpcError("internal", `error on broadcastTxCommit: ${submitted.message}`);
  }
  const height = await committedHeight(context, submitted.hash);
  const hash = hex(submitted.hash);
  return `{"check_tx":${executedJson},"tx_result":${executedJson},"hash":"${hash}","height":"${height}"}`;
}

/** Height of the block that holds the transaction, as soon as there is one. */
function committedHeight(context: RpcContext, hash: Uint8Array): Promise<number> {
  const { chain, subscribers, closing } = context;
  return new Promise((resolve, reject) => {
    subscribers.enter();
    const end = () => {
      subscribers.leave();
      clearTimeout(timer);
      closing.removeEventListener("abort", onClosing);
      stop();
    };
    const fail = (reason: string) => {
      end();
      reject(new RpcError("internal", reason));
    };
    const onClosing = () => fail("the node is stopping");
    const timer = setTimeout(fail, commitTimeoutMs, "timed out waiting for tx to be included in a block");
    closing.addEventListener("abort", onClosing, { once: true });
    const stop = chain.onBlock(() => {
      const place = chain.transaction(hash);
      if (place === undefined) return;
      end();
      resolve(place.height);
    });
  });
}
