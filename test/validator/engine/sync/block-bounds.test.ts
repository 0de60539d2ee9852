import { describe, expect, test } from "vitest";
import type { Block, BlockRef } from "../../../../src/validator/engine/consensus/block.ts";
import { PeerViolationError } from "../../../../src/validator/engine/sync/frames.ts";
import { openSync } from "../../net/open-sync.ts";
import { invented, openSigners } from "../../net/signed.ts";

const signers = openSigners(4);
const { rules, build, rootless } = signers;
const genesis = rules.genesis;

describe("blocks that wait for others", () => {
  test("are bounded by number for each peer, whoever wrote them", async () => {
    await using own = await openSync(signers, 0, { blocks: 10, bytes: 1e9 });
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
    await using own = await openSync(signers, 0, { blocks: 1_000, bytes: 1_000_000 });
    own.connect(1);
    const large = Array.from({ length: 10 }, (_, i) =>
      build({ author: 1, round: 100 + i, refs: rootless(1, 100 + i).refs, text: "x".repeat(300_000) }),
    );
    for (const block of large) own.gives(1, block);
    expect(own.suspended(large)).toBe(3);
  });

  test("are bounded also where one that waits names the next", async () => {
    await using own = await openSync(signers, 0, { blocks: 10, bytes: 1e9 });
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
    await using own = await openSync(signers, 0, { blocks: 3, bytes: 1e9 });
    await using one = await openSync(signers, 1);
    await using two = await openSync(signers, 2);
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
    await using own = await openSync(signers, 0);
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

describe("twins that only their author builds on", () => {
  /** Twins below each block of validator 3. */
  const depth = 20;
  const honest = [0, 1, 2];

  /**
   * Seventy rounds of the honest three, and of validator 3 a chain of thirty blocks, then in each further round a block
   * on a tower of twins of its own.
   */
  function draw() {
    const byKey = new Map<string, Block>();
    const note = (block: Block) => {
      byKey.set(block.ref.key, block);
      return block;
    };
    const rounds: Block[][] = [[]];
    const parents = (round: number) =>
      round === 1 ? genesis.slice(0, 3) : (rounds[round - 1] ?? []).map(({ ref }) => ref);
    const chain: Block[] = [];
    for (let round = 1; round <= 70; round++) {
      const refs = parents(round);
      rounds.push(honest.map((author) => build({ author, round, refs })));
      const below = chain.at(-1)?.ref ?? (genesis[3] as BlockRef);
      if (round <= 30) chain.push(note(build({ author: 3, round, refs: [...refs, below] })));
    }
    const tower = (salt: number): BlockRef => {
      let below = chain[30 - depth - 1]?.ref as BlockRef;
      for (let round = 31 - depth; round <= 30; round++) {
        below = note(build({ author: 3, round, refs: [...parents(round), below], text: `${salt}` })).ref;
      }
      return below;
    };
    const tops = Array.from({ length: 40 }, (_, i) => {
      return build({ author: 3, round: 31 + i, refs: [...parents(31 + i), tower(i)] });
    });
    return { byKey, rounds, chain, tops, tower, parents };
  }

  test("are bounded, and what others build on is taken nevertheless", async () => {
    await using own = await openSync(signers, 0);
    const { byKey, rounds, chain, tops, tower, parents } = draw();
    const queue: (() => void)[] = [];
    for (const peer of [1, 3]) {
      own.connect(peer, (message) => {
        if (message.type !== "request") return;
        for (const { key } of message.refs) {
          const block = byKey.get(key);
          if (block !== undefined) queue.push(() => own.gives(peer, block));
        }
      });
    }
    const settle = () => {
      for (let i = 0; i < 200; i++, own.clock.nowMs += 50) {
        own.sync.tick();
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
      }
    };
    for (const block of [...rounds.flat(), ...chain]) own.take(block);
    for (const top of tops) {
      own.gives(3, top);
      settle();
    }
    const bound = 2 * rules.gcDepth;
    expect(own.dag.twinsOf(3)).toBeGreaterThan(bound);
    expect(own.dag.twinsOf(3)).toBeLessThanOrEqual(bound + depth);
    expect(own.sync.isPassedOver(3)).toBe(true);

    // Only the block at the top is of another author.
    const before = own.dag.twinsOf(3);
    const follower = build({ author: 1, round: 71, refs: [...parents(71), tower(99)] });
    own.gives(1, follower);
    settle();
    expect(own.dag.isAccepted(follower.ref)).toBe(true);
    expect(own.dag.twinsOf(3)).toBe(before + depth);

    own.dag.collect(40);
    expect([own.dag.twinsOf(3), own.sync.isPassedOver(3)]).toEqual([0, false]);
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
      /not in the committee/,
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
    await using own = await openSync(signers, 0);
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
    await using own = await openSync(signers, 0);
    own.connect(1);
    const block = build({ author: 1, round: 1, refs: genesis });
    for (let i = 0; i <= 10_000; i++) own.gives(1, block);
    expect(() => own.gives(1, block)).toThrow(/too many unneeded blocks/);
    own.clock.nowMs += 2;
    for (let i = 0; i < 2; i++) own.gives(1, block);
    expect(() => own.gives(1, block)).toThrow(PeerViolationError);
  });

  test("is nothing to a validator that has it already", async () => {
    await using own = await openSync(signers, 0);
    own.connect(1);
    const block = build({ author: 1, round: 1, refs: genesis });
    for (let i = 0; i < 5; i++) own.gives(1, block);
    expect(own.dag.equivocations).toBe(0);
    expect(own.dag.blocksOf(1, 1).length).toBe(1);
  });
});
