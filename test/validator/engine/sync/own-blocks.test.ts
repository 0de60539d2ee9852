import { describe, expect, test } from "vitest";
import { openSync } from "../../net/open-sync.ts";
import { openSigners } from "../../net/signed.ts";

const signers = openSigners(4);
const { rules, build, rootless } = signers;

describe("own blocks of a former life", () => {
  test("are known of where their sender may have nothing more waiting, and come once there is room", async () => {
    await using own = await openSync(signers, 0, { blocks: 2, bytes: 1e9 });
    const sent = own.connect(1);
    const waiting = [3, 5].map((round) => rootless(1, round));
    for (const block of waiting) own.gives(1, block);
    expect(own.suspended(waiting)).toBe(2);
    const first = build({ author: 0, round: 1, refs: rules.genesis });
    const lost = rootless(0, 4);
    for (const block of [first, lost]) own.gives(1, block);
    expect(own.dag.isAccepted(first.ref)).toBe(true);
    expect(own.suspended([lost])).toBe(0);
    expect(own.sync.ownHistory.seenRound).toBe(4);

    // It is asked for again and again.
    sent.length = 0;
    own.clock.nowMs = 1_000;
    own.sync.tick();
    const question = { type: "range", author: 0, from: 2, to: 2 };
    expect(sent.filter(({ type }) => type === "range")).toEqual([question]);
  });

  test("are given to who asks, the highest before it is told of, also where it waits for others", async () => {
    await using holder = await openSync(signers, 1);
    const sent = holder.connect(0);
    const accepted = build({ author: 0, round: 1, refs: rules.genesis });
    holder.gives(0, accepted);
    const waiting = rootless(0, 7);
    holder.gives(0, waiting);
    expect(holder.suspended([waiting])).toBe(1);
    sent.length = 0;
    holder.sync.message(0, { type: "range", author: 0, from: 1, to: 1 });
    expect(sent.map((message) => (message.type === "block" ? message.encoded : message))).toMatchObject([
      waiting.encoded,
      accepted.encoded,
      { type: "missing", refs: [{ author: 0, round: 8 }] },
    ]);
    // Others are told of what they can fetch.
    const other = holder.connect(2);
    other.length = 0;
    holder.sync.message(2, { type: "range", author: 0, from: 2, to: 9 });
    expect(other).toMatchObject([{ type: "missing", refs: [{ author: 0, round: 2 }] }]);
  });
});
