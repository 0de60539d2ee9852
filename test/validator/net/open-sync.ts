import { join } from "node:path";
import type { Block, BlockRef } from "../../../src/validator/engine/consensus/block.ts";
import { Dag } from "../../../src/validator/engine/consensus/dag.ts";
import { BlockSync } from "../../../src/validator/engine/sync/block-sync.ts";
import type { Message } from "../../../src/validator/engine/sync/messages.ts";
import { BlockStore } from "../../../src/validator/log/block-store.ts";
import { openFolder } from "../folder.ts";
import { openLog } from "../log/open-log.ts";
import type { openSigners } from "./signed.ts";

/** One validator's exchange of blocks, without connections: what it sends goes where the test says. */
export async function openSync(
  { rules, publicKeys }: ReturnType<typeof openSigners>,
  authority: number,
  suspensionLimit?: { blocks: number; bytes: number },
) {
  const folder = await openFolder();
  const log = openLog(join(folder.path, "log"));
  log.replay(() => undefined);
  const dag = new Dag(rules);
  const store = new BlockStore(log, dag, rules);
  const clock = { nowMs: 0 };
  const take = (block: Block): readonly BlockRef[] => {
    const insertion = dag.insert(block);
    if (insertion.outcome === "accepted") {
      for (const each of insertion.blocks) store.append(each, false);
    }
    return insertion.outcome === "suspended" ? insertion.missing : [];
  };
  const sync = new BlockSync({
    authority,
    rules,
    publicKeys,
    dag,
    store,
    take,
    highestSignedRound: undefined,
    nowMs: () => clock.nowMs,
    ...(suspensionLimit && { suspensionLimit }),
  });
  const connect = (peer: number, deliver: (message: Message) => void = () => undefined) => {
    const sent: Message[] = [];
    sync.opened(peer, {
      send: (message) => {
        sent.push(message);
        deliver(message);
      },
      hasRoom: true,
    });
    return sent;
  };
  return {
    sync,
    dag,
    clock,
    take,
    connect,
    gives: (peer: number, block: Block) => sync.message(peer, { type: "block", encoded: block.encoded }),
    suspended: (blocks: readonly Block[]) => blocks.filter(({ ref }) => dag.isSuspended(ref)).length,
    [Symbol.asyncDispose]: async () => {
      log[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
