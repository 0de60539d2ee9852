import { RpcError } from "./error.ts";
import { type Method, method, type RpcContext } from "./method.ts";
import { bytes } from "./parameters.ts";
import { executedJson, hex } from "./shapes.ts";

/** Default of CometBFT's timeout_broadcast_tx_commit. */
const commitTimeoutMs = 10_000;

/** broadcast_tx_async, broadcast_tx_sync, broadcast_tx_commit. There is no application to ask, so the first two are one. */
export const broadcastMethods: Readonly<Record<string, Method>> = {
  broadcast_tx_async: method([bytes("tx")], broadcast),
  broadcast_tx_sync: method([bytes("tx")], broadcast),
  broadcast_tx_commit: method([bytes("tx")], broadcastAndWait),
};

function broadcast(context: RpcContext, transaction: Uint8Array): string {
  return `{"code":0,"data":"","log":"","codespace":"","hash":"${submit(context, transaction)}"}`;
}

/** Returns the transaction's hash in upper-case hex. */
function submit({ chain }: RpcContext, transaction: Uint8Array): string {
  if (transaction.length === 0) throw new RpcError("params", "tx is empty; pass at least one byte");
  const submitted = chain.submit(transaction);
  if (!submitted.accepted) throw new RpcError("internal", submitted.message);
  return hex(submitted.hash);
}

async function broadcastAndWait(context: RpcContext, transaction: Uint8Array): Promise<string> {
  const hash = submit(context, transaction);
  const height = await committedHeight(context, hash);
  return `{"check_tx":${executedJson},"tx_result":${executedJson},"hash":"${hash}","height":"${height}"}`;
}

/** Height of the block that holds the transaction, as soon as there is one. */
function committedHeight({ chain, feed, closing }: RpcContext, hash: string): Promise<number> {
  const already = chain.transaction(Buffer.from(hash, "hex"));
  if (already !== undefined) return Promise.resolve(already.height);
  return new Promise((resolve, reject) => {
    const end = () => {
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
    const stop = feed.listen(({ block, transactionHashes }) => {
      if (!transactionHashes().includes(hash)) return;
      end();
      resolve(block.height);
    });
  });
}
