import { describe, expect, test } from "vitest";
import { transactionKey } from "../../../src/validator/engine/consensus/ledger.ts";
import { Mempool } from "../../../src/validator/engine/mempool.ts";

const limits = { mostTransactions: 4, mostBytes: 100, largestTransactionBytes: 50 };

function open(overrides: Partial<typeof limits> = {}) {
  const pool = new Mempool({ ...limits, ...overrides });
  const add = (text: string) => {
    const transaction = Buffer.from(text);
    return pool.add(transaction, transactionKey(transaction));
  };
  const take = (mostBytes: number) => pool.take(mostBytes).map(String);
  return { pool, add, take };
}

describe("mempool", () => {
  test("gives out in the order of coming, up to a number of bytes, but one at least", () => {
    const { pool, add, take } = open();
    for (const text of ["aaaa", "bbbb", "cccc"]) expect(add(text)).toBeUndefined();
    expect([pool.count, pool.bytes]).toEqual([3, 12]);
    expect(take(16)).toEqual(["aaaa", "bbbb"]);
    expect([pool.count, pool.bytes]).toEqual([1, 4]);
    expect(take(1)).toEqual(["cccc"]);
    expect([pool.count, pool.bytes]).toEqual([0, 0]);
    expect(take(100)).toEqual([]);
  });

  test("refuses a transaction it has seen, also after it was proposed, and forgets only after many others", () => {
    const { add, take } = open();
    add("a");
    expect(add("a")).toEqual({ code: "duplicate", message: "tx already exists in cache" });
    take(100);
    expect(add("a")?.code).toBe("duplicate");
    for (let i = 0; i < 8; i++) {
      expect(add(`other ${i}`)).toBeUndefined();
      take(100);
    }
    expect(add("a")).toBeUndefined();
  });

  test("is full by count and by bytes, with CometBFT's words, and takes more once some are gone", () => {
    const { add, take } = open();
    for (const text of ["a", "b", "c", "d"]) add(text);
    expect(add("e")).toEqual({
      code: "mempool-full",
      message: "mempool is full: number of txs 4 (max: 4), total txs bytes 4 (max: 100)",
    });
    take(5);
    expect(add("e")).toBeUndefined();
    const byBytes = open({ mostTransactions: 100 });
    byBytes.add("x".repeat(50));
    byBytes.add("y".repeat(50));
    expect(byBytes.add("z")?.message).toBe(
      "mempool is full: number of txs 2 (max: 100), total txs bytes 100 (max: 100)",
    );
  });

  test("refuses a transaction beyond the largest size", () => {
    const { add } = open();
    expect(add("x".repeat(51))).toEqual({
      code: "too-large",
      message: "Tx too large. Max size is 50, but got 51",
    });
    expect(add("x".repeat(50))).toBeUndefined();
    // As in CometBFT, whether there is room is looked at first, and repeats last.
    expect(add("y".repeat(51))?.code).toBe("mempool-full");
    expect(open({ mostTransactions: 0 }).add("x".repeat(51))?.code).toBe("mempool-full");
  });

  test("hands each waiting transaction to the log once, and not those proposed before", () => {
    const { pool, add, take } = open({ mostTransactions: 10_000, mostBytes: 1e6 });
    add("a");
    add("b");
    take(5);
    expect(pool.takeUnlogged().map(String)).toEqual(["b"]);
    add("c");
    expect(pool.takeUnlogged().map(String)).toEqual(["c"]);
    expect(pool.takeUnlogged()).toEqual([]);
    pool.restore([Buffer.from("d")]);
    expect(pool.takeUnlogged()).toEqual([]);
    for (let i = 0; i < 5_000; i++) add(`many ${i}`);
    expect(take(20_000).slice(0, 4)).toEqual(["b", "c", "d", "many 0"]);
    const waiting = pool.count;
    expect(pool.takeUnlogged().length).toBe(waiting);
    expect(pool.peek(1).map(String)).toEqual(take(1));
  });

  test("takes back what a block was to carry, though it is full, and hands it to the log again", () => {
    const { pool, add, take } = open({ mostTransactions: 2 });
    add("a");
    add("b");
    expect(take(5)).toEqual(["a"]);
    expect(pool.takeUnlogged().map(String)).toEqual(["b"]);
    add("c");
    pool.putBack([Buffer.from("a")]);
    expect([pool.count, pool.bytes]).toEqual([3, 3]);
    expect(pool.takeUnlogged().map(String)).toEqual(["c", "a"]);
    expect(add("a")?.code).toBe("mempool-full");
    expect(take(100)).toEqual(["b", "c", "a"]);
    expect(add("a")?.code).toBe("duplicate");
  });
});
