import { describe, expect, test } from "vitest";
import type { ChainBlock } from "../../../src/validator/engine/consensus/ledger.ts";
import { Ledger, transactionKey } from "../../../src/validator/engine/consensus/ledger.ts";
import { RecentChain } from "../../../src/validator/engine/recent-chain.ts";
import { startDrawing } from "./consensus/drawing.ts";

function grow(retention: { mostHeights: number; mostBytes: number }, payloads: readonly string[][]) {
  const { rules, block } = startDrawing(4, 1);
  const ledger = new Ledger(rules);
  const chain = new RecentChain(retention);
  const reported: ChainBlock[] = [];
  chain.onBlock((each) => reported.push(each));
  payloads.forEach((texts, i) => {
    const refs = i === 0 ? ["A0", "B0", "C0", "D0"] : [`A${i}`];
    const leader = block(`A${i + 1}`, refs, texts.map(Buffer.from));
    chain.append(ledger.append(leader, [leader], leader.timestampMs));
  });
  return { chain, reported };
}

const keyOf = (text: string) => transactionKey(Buffer.from(text));

describe("recent chain", () => {
  test("tells each block once, in order, and finds its transactions", () => {
    const { chain, reported } = grow({ mostHeights: 10, mostBytes: 1e6 }, [["a", "b"], [], ["c"]]);
    expect(reported.map(({ height }) => height)).toEqual([1, 2, 3]);
    expect(reported.map((block) => block.transactions.map(String))).toEqual([["a", "b"], [], ["c"]]);
    expect(chain.block(3)).toBe(reported[2]);
    expect(chain.find(keyOf("b"))).toEqual({ height: 1, index: 1 });
    expect(chain.find(keyOf("c"))).toEqual({ height: 3, index: 0 });
    expect(chain.find(keyOf("never"))).toBeUndefined();
    expect([chain.height, chain.earliestHeight]).toEqual([3, 1]);
  });

  test("forgets the oldest heights beyond the number kept, with their transactions", () => {
    const { chain } = grow({ mostHeights: 2, mostBytes: 1e6 }, [["a"], ["b"], ["c"]]);
    expect([chain.height, chain.earliestHeight]).toEqual([3, 2]);
    expect(chain.block(1)).toBeUndefined();
    expect(chain.find(keyOf("a"))).toBeUndefined();
    expect(chain.find(keyOf("b"))).toEqual({ height: 2, index: 0 });
  });

  test("forgets by bytes too, but never the latest", () => {
    const big = "x".repeat(5_000);
    const { chain } = grow({ mostHeights: 100, mostBytes: 8_000 }, [
      ["a"],
      [big],
      [`${big}!`],
      [`${big}${big}`],
    ]);
    expect([chain.height, chain.earliestHeight]).toEqual([4, 4]);
    expect(chain.block(4)?.transactions.length).toBe(1);
  });
});
