import { describe, expect, test } from "vitest";
import { type Block, buildRef } from "../../../src/validator/engine/consensus/block.ts";
import { openSync } from "./open-sync.ts";
import { openSigners } from "./signed.ts";

const signers = openSigners(4);
const { rules, build, rootless } = signers;
const genesis = rules.genesis;

describe("catching up", () => {
  test("is not feigned by one author, whatever round it claims, but told by two", async () => {
    await using own = await openSync(signers, 0);
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
    await using own = await openSync(signers, 0);
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
    await using own = await openSync(signers, 0);
    const sent = own.connect(1);
    own.gives(1, rootless(1, 50));
    for (; own.clock.nowMs < 60_000; own.clock.nowMs += 50) own.sync.tick();
    const requests = sent.filter((message) => message.type === "request").length;
    expect(requests).toBeGreaterThan(30);
    expect(requests).toBeLessThan(100);
  });

  test("ends also where an equivocator's twin has to be fetched in every round", async () => {
    await using own = await openSync(signers, 0);
    const due: (() => void)[] = [];
    const twinsOf = new Map<string, Block>();
    for (const peer of [1, 2, 3]) {
      own.connect(peer, (message) => {
        if (message.type !== "request") return;
        for (const { key } of message.refs) {
          const twin = twinsOf.get(key);
          if (twin !== undefined) due.push(() => own.gives(peer, twin));
        }
      });
    }
    /** One twin goes to this validator, the other one to the two others, who build on that. */
    let refs = genesis;
    let round = 0;
    const nextRound = () => {
      round++;
      const [one, two, twin, other] = [1, 2, 3, 3].map((author, i) =>
        build({ author, round, refs, text: `${i}` }),
      ) as [Block, Block, Block, Block];
      twinsOf.set(other.ref.key, other);
      for (const block of [one, two, twin]) due.push(() => own.gives(block.ref.author, block));
      refs = [one, two, other].map((block) => block.ref);
    };
    while (round < 20) nextRound();
    for (; own.clock.nowMs < 10_000; own.clock.nowMs += 50) {
      // A hundred ms a round, as the committee of the test with real processes has it.
      if (own.clock.nowMs % 100 === 0) nextRound();
      for (const deliver of due.splice(0)) deliver();
      own.sync.tick();
    }
    expect(own.dag.equivocations).toBeGreaterThan(100);
    expect(own.sync.roundsBehind).toBeLessThan(3);
    expect(own.sync.catchingUp).toBe(false);
  });
});
