import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Block } from "../../../../src/validator/engine/consensus/block.ts";
import { Dag } from "../../../../src/validator/engine/consensus/dag.ts";
import type { SyncLink } from "../../../../src/validator/engine/sync/block-serving.ts";
import { BlockSync } from "../../../../src/validator/engine/sync/block-sync.ts";
import type { Message } from "../../../../src/validator/engine/sync/messages.ts";
import { BlockStore } from "../../../../src/validator/log/block-store.ts";
import { LogError } from "../../../../src/validator/log/error.ts";
import { openFolder } from "../../folder.ts";
import { openLog } from "../../log/open-log.ts";
import { startDrawing } from "../consensus/drawing.ts";

/** Authority 0, whose log holds 50 rounds of four authors and whose memory holds none of them. */
async function openArchive() {
  const folder = await openFolder();
  const { rules, full, blocks } = startDrawing(4, 1);
  full(1, 50);
  const log = openLog(join(folder.path, "log"));
  log.begin(() => undefined);
  const dag = new Dag(rules);
  const store = new BlockStore(log, dag, rules);
  for (const block of blocks) store.append(block, false);
  log.flush();
  const sync = new BlockSync({
    authority: 0,
    rules,
    publicKeys: [],
    dag,
    store,
    take: () => [],
    highestSignedRound: undefined,
    nowMs: () => 0,
  });
  /** A peer whose queue takes so many blocks. */
  const connect = (room: number) => {
    const sent: Message[] = [];
    const blocksSent = () => sent.filter((message) => message.type === "block").length;
    const link: SyncLink = {
      send: (message) => sent.push(message),
      get hasRoom() {
        return blocksSent() < room;
      },
    };
    sync.opened(1, link);
    sent.length = 0;
    return { sent, blocksSent };
  };
  return { folder, log, sync, connect, blocks };
}

const everything = { type: "range", author: 2, from: 1, to: 1_000 } as const;

describe("serving a range of blocks", () => {
  test("sends as many as the peer's queue has room for, then how far they go", async () => {
    const { folder, log, sync, connect, blocks } = await openArchive();
    await using _folder = folder;
    using _log = log;
    const { sent, blocksSent } = connect(7);
    sync.message(1, everything);
    expect(blocksSent()).toBe(7);
    const expected = blocks.filter((block: Block) => block.ref.author === 2).slice(0, 7);
    expect(sent.slice(0, 7)).toEqual(expected.map(({ encoded }) => ({ type: "block", encoded })));
    expect(sent[7]).toMatchObject({ type: "missing", refs: [{ author: 2, round: 51 }] });
  });

  test("reads no block from the log for which there is no room", async () => {
    const { folder, log, sync, connect } = await openArchive();
    await using _folder = folder;
    // From now on whoever reads the log fails.
    log[Symbol.dispose]();
    const { sent } = connect(0);
    sync.message(1, everything);
    expect(sent.map((message) => message.type)).toEqual(["missing"]);
    connect(1);
    expect(() => sync.message(1, everything)).toThrow(LogError);
  });
});
