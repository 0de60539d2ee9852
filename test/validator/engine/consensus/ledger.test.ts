import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  dedupWindowHeights,
  Ledger,
  transactionKey,
} from "../../../../src/validator/engine/consensus/ledger.ts";
import { startDrawing } from "./drawing.ts";

describe("ledger", () => {
  test("drops a repeated transaction within the window of heights, and takes it again after it", () => {
    const { rules, block } = startDrawing(4, 1);
    const ledger = new Ledger(rules);
    const repeated = Buffer.from("again");
    const carrying = (round: number) =>
      block(`A${round}`, round === 1 ? ["A0", "B0", "C0", "D0"] : [`A${round - 1}`], [repeated]);
    const heights: number[] = [];
    for (let height = 1; height <= dedupWindowHeights + 2; height++) {
      const leader = carrying(height);
      const commit = ledger.append(leader, [leader], leader.timestampMs);
      if (commit.transactions.length > 0) heights.push(commit.height);
      expect(commit.transactionKeys).toEqual(commit.transactions.map(transactionKey));
    }
    expect(heights).toEqual([1, dedupWindowHeights + 1]);
  });

  test("the app hash chains the leader and everything ordered; time never stands still", () => {
    const { rules, full, named } = startDrawing(4, 1);
    full(1, 2);
    const [a1, b1, a2] = ["A1", "B1", "A2"].map((name) => {
      const found = named(name);
      if (found === undefined) throw new Error("not drawn");
      return found;
    });
    if (!a1 || !b1 || !a2) throw new Error("not drawn");
    const ledger = new Ledger(rules);
    const first = ledger.append(a2, [a1, b1, a2], 7_000);
    const second = ledger.append(a1, [], 6_000);
    const ref = (place: { author: number; round: number; digest: Buffer }) => {
      const bytes = Buffer.alloc(10);
      bytes.writeUInt16BE(place.author);
      bytes.writeBigUInt64BE(BigInt(place.round), 2);
      return Buffer.concat([bytes, place.digest]);
    };
    const expected = createHash("sha256")
      .update(Buffer.concat([first.previousAppHash, a2.ref.digest, ref(a1.ref), ref(b1.ref), ref(a2.ref)]))
      .digest();
    expect(first.appHash).toEqual(expected);
    expect(first.timeMs).toBe(7_000);
    expect(second.timeMs).toBe(7_001);
    expect(second.previousAppHash).toEqual(expected);
    expect(second.previousHash).toEqual(a2.ref.digest);
  });
});
