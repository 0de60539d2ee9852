import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Block, type BlockRef, buildRef } from "../../../src/validator/consensus/block.ts";
import { Dag } from "../../../src/validator/consensus/dag.ts";
import { BlockStore } from "../../../src/validator/log/block-store.ts";
import { recordTags } from "../../../src/validator/log/record.ts";
import { BlockSync } from "../../../src/validator/net/block-sync.ts";
import { PeerViolationError } from "../../../src/validator/net/frames.ts";
import type { Message } from "../../../src/validator/net/messages.ts";
import { openFolder } from "../folder.ts";
import { openLog } from "../log/open-log.ts";
import { openSigners } from "./signed.ts";

const signers = openSigners(4);
const { rules, publicKeys, build } = signers;

/** One validator's exchange of blocks, without connections: what it sends goes where the test says. */
async function openSync(authority: number, suspensionLimit?: { blocks: number; bytes: number }) {
  const folder = await openFolder();
  const log = openLog(join(folder.path, "log"));
  log.replay(() => undefined);
  const dag = new Dag(rules);
  const store = new BlockStore(log, { dag, format: rules, authors: 4 });
  const clock = { nowMs: 0 };
  const take = (block: Block): readonly BlockRef[] => {
    const insertion = dag.insert(block);
    if (insertion.outcome === "accepted") {
      for (const each of insertion.blocks) store.append(each, recordTags.block);
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

const genesis = rules.genesis;
const invented = (author: number, round: number, salt: number) =>
  buildRef(author, round, Buffer.alloc(32, `${author} ${round} ${salt}`));
/** A signed block whose history does not exist. */
const rootless = (author: number, round: number, salt = 0) =>
  build({
    author,
    round,
    refs: genesis.map((ref) => invented(ref.author, round - 1, salt)),
    timestampMs: 0,
  });

describe("blocks that wait for others", () => {
  test("are bounded by number for each peer, whoever wrote them", async () => {
    await using own = await openSync(0, { blocks: 10, bytes: 1e9 });
    for (const peer of [1, 2]) own.connect(peer);
    const lies = Array.from({ length: 50 }, (_, i) => rootless(3, 100 + i));
    const mine = Array.from({ length: 50 }, (_, i) => rootless(1, 100 + i));
    const others = Array.from({ length: 5 }, (_, i) => rootless(2, 100 + i));
    // Nobody asked for the blocks of validator 3.
    for (const block of [...mine, ...lies]) own.gives(1, block);
    for (const block of others) own.gives(2, block);
    expect([own.suspended(lies), own.suspended(mine), own.suspended(others)]).toEqual([0, 10, 5]);
  });

  test("are bounded by bytes, their refs included", async () => {
    await using own = await openSync(0, { blocks: 1_000, bytes: 1_000_000 });
    own.connect(1);
    const large = Array.from({ length: 10 }, (_, i) =>
      build({ author: 1, round: 100 + i, refs: rootless(1, 100 + i).refs, text: "x".repeat(300_000) }),
    );
    for (const block of large) own.gives(1, block);
    expect(own.suspended(large)).toBe(3);
  });

  test("are bounded also where one that waits names the next", async () => {
    await using own = await openSync(0, { blocks: 10, bytes: 1e9 });
    own.connect(1);
    // From the top down: each is what the one before waits for.
    const chain: Block[] = [rootless(1, 2)];
    for (let round = 3; round <= 100; round++) {
      const refs = genesis.map(({ author }) => invented(author, round - 1, 0));
      const below = chain.at(-1)?.ref as BlockRef;
      chain.push(build({ author: 1, round, refs: [below, ...refs.filter(({ author }) => author !== 1)] }));
    }
    for (const block of chain.toReversed()) own.gives(1, block);
    expect(own.suspended(chain)).toBe(10);
  });

  test("with room for few of them, a long history with a silent author still comes", async () => {
    const rounds = signers.full(60);
    await using own = await openSync(0, { blocks: 3, bytes: 1e9 });
    await using one = await openSync(1);
    await using two = await openSync(2);
    const queue: (() => void)[] = [];
    for (const [peer, each] of [
      [1, one],
      [2, two],
    ] as const) {
      for (const block of rounds.flat()) each.take(block);
      each.connect(0, (message) => queue.push(() => own.sync.message(peer, message)));
      own.connect(peer, (message) => queue.push(() => each.sync.message(0, message)));
    }
    const top = rounds.at(-1)?.filter(({ ref }) => ref.author === 1 || ref.author === 2) ?? [];
    const isLevel = () => top.every(({ ref }) => own.dag.isAccepted(ref));
    for (; !isLevel() && own.clock.nowMs < 120_000; own.clock.nowMs += 50) {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
      own.sync.tick();
    }
    expect(isLevel()).toBe(true);
    expect(own.clock.nowMs).toBeLessThan(10_000);
  });
});

describe("twins", () => {
  test("are passed over until somebody builds on them", async () => {
    await using own = await openSync(0);
    for (const peer of [1, 2]) own.connect(peer);
    const first = build({ author: 1, round: 1, refs: genesis });
    const twins = Array.from({ length: 20 }, (_, i) =>
      build({ author: 1, round: 1, refs: genesis, text: `twin ${i}` }),
    );
    for (const block of [first, ...twins]) own.gives(1, block);
    expect(twins.filter(({ ref }) => own.dag.isAccepted(ref))).toEqual([]);
    const [twin] = twins as [Block];
    const [zero, two, three] = [0, 2, 3].map((author) => build({ author, round: 1, refs: genesis }));
    for (const block of [zero, two, three]) own.take(block as Block);
    const refs = [zero, twin, two, three].map((block) => (block as Block).ref);
    const follower = build({ author: 2, round: 2, refs });
    own.gives(2, follower);
    own.gives(1, twin);
    expect(own.dag.isAccepted(follower.ref)).toBe(true);
    expect(own.dag.equivocations).toBe(1);
  });
});

describe("catching up", () => {
  test("is not feigned by one author, whatever round it claims, but told by two", async () => {
    await using own = await openSync(0);
    for (const peer of [1, 2, 3]) own.connect(peer);
    own.gives(1, rootless(1, 2 ** 40));
    expect(own.sync.catchingUp).toBe(false);
    own.gives(2, rootless(2, 6));
    expect(own.sync.catchingUp).toBe(false);
    own.gives(2, rootless(2, 7));
    expect(own.sync.catchingUp).toBe(true);
    const [round1, round2] = signers.full(2) as [Block[], Block[]];
    for (const block of [...round1, ...round2]) own.take(block);
    expect(own.sync.catchingUp).toBe(false);
  });

  test("is known before the blocks are here, from what each peer says of itself", async () => {
    await using own = await openSync(0);
    const sent = own.connect(1);
    for (const peer of [2, 3]) own.connect(peer);
    const says = (peer: number, author: number, round: number) =>
      own.sync.message(peer, { type: "missing", refs: [buildRef(author, round + 1, Buffer.alloc(32))] });
    // One can speak for itself alone.
    for (const author of [1, 2, 3]) says(1, author, 900);
    expect(own.sync.catchingUp).toBe(false);
    says(2, 2, 800);
    expect(own.sync.catchingUp).toBe(true);
    sent.length = 0;
    for (; own.clock.nowMs < 2_900; own.clock.nowMs += 50) own.sync.tick();
    expect(sent.filter((message) => message.type === "range")).toMatchObject([{ author: 1 }, { author: 1 }]);
  });

  test("asks for a block that nobody has less and less often", async () => {
    await using own = await openSync(0);
    const sent = own.connect(1);
    own.gives(1, rootless(1, 50));
    for (; own.clock.nowMs < 60_000; own.clock.nowMs += 50) own.sync.tick();
    const requests = sent.filter((message) => message.type === "request").length;
    expect(requests).toBeGreaterThan(30);
    expect(requests).toBeLessThan(100);
  });
});

describe("a block that is not what it should be", () => {
  const parents = genesis;
  test.each([
    [
      "of the author itself in another's name",
      () => build({ author: 2, round: 1, refs: parents }),
      undefined,
    ],
    [
      "with a signature that is another's",
      () => {
        const block = build({ author: 1, round: 1, refs: parents });
        block.encoded.writeUInt8(
          block.encoded.readUInt8(block.encoded.length - 1) ^ 1,
          block.encoded.length - 1,
        );
        return block;
      },
      /bad signature/,
    ],
    [
      "that names the future",
      () => build({ author: 1, round: 1, refs: [...parents, invented(2, 9, 0)] }),
      /not below/,
    ],
    [
      "that names one place twice",
      () => build({ author: 1, round: 1, refs: [...parents, parents[2] as BlockRef] }),
      /twice/,
    ],
    [
      "that names strangers",
      () => build({ author: 1, round: 1, refs: [...parents, invented(4, 0, 0)] }),
      /not of the committee/,
    ],
    [
      "on another genesis",
      () => build({ author: 1, round: 1, refs: [0, 1, 2, 3].map((author) => invented(author, 0, 7)) }),
      /another genesis/,
    ],
    [
      "without a quorum below it",
      () => build({ author: 1, round: 1, refs: parents.slice(0, 2) }),
      /refers to 2 authors/,
    ],
    ["at round 0", () => build({ author: 1, round: 0, refs: parents }), /round is 0/],
    [
      "beyond the last time",
      () => build({ author: 1, round: 1, refs: parents, timestampMs: 9e15 }),
      /year 9000/,
    ],
  ] as const)("%s is not taken", async (_, draw, blame) => {
    await using own = await openSync(0);
    own.connect(1);
    const block = draw();
    if (blame === undefined) own.gives(1, block);
    else {
      expect(() => own.gives(1, block)).toThrow(PeerViolationError);
      expect(() => own.gives(1, block)).toThrow(blame);
    }
    expect([own.dag.get(block.ref.key), own.dag.isSuspended(block.ref)]).toEqual([undefined, false]);
  });

  test("is a violation in the end where it comes again and again", async () => {
    await using own = await openSync(0);
    own.connect(1);
    const block = build({ author: 1, round: 1, refs: genesis });
    for (let i = 0; i <= 10_000; i++) own.gives(1, block);
    expect(() => own.gives(1, block)).toThrow(/too many blocks that nobody needs/);
    own.clock.nowMs += 2;
    for (let i = 0; i < 2; i++) own.gives(1, block);
    expect(() => own.gives(1, block)).toThrow(PeerViolationError);
  });

  test("is nothing to a validator that has it already", async () => {
    await using own = await openSync(0);
    own.connect(1);
    const block = build({ author: 1, round: 1, refs: genesis });
    for (let i = 0; i < 5; i++) own.gives(1, block);
    expect(own.dag.equivocations).toBe(0);
    expect(own.dag.blocksOf(1, 1).length).toBe(1);
  });
});
