import { describe, expect, test } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import type { TransactionIdentity } from "../../../src/contracts/load/submission.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { TransactionPool } from "../../../src/load/level/pregenerated-pool.ts";
import { Share } from "../../../src/load/plan/share.ts";
import { buildTransactionFormat } from "../../../src/protocol/transactions/transaction.ts";
import { planFor } from "../setting.ts";

const plain = buildTransactionFormat(1000);
const share = { index: 1, of: 3 };
const targets = [{ node: "node0", rpc: { host: "127.0.0.1", port: 1 } }];

function open(changes: Parameters<typeof planFor>[1] = {}) {
  const made: number[] = [];
  const plan = planFor(targets, { share, ...changes });
  const transactions: typeof plain = {
    ...plain,
    encode: (identity, ...rest) => {
      made.push(identity.sequence);
      return plain.encode(identity, ...rest);
    },
  };
  const pool = new TransactionPool({ plan, transactions, share: new Share(share), runTransactions: 300 });
  const take = (sequence: number) => {
    const identity: TransactionIdentity = { run: plan.run, client: plan.client, sequence };
    return pool.transactions.encode(identity, plan.transactionSizeBytes, plan.seed);
  };
  const expected = (sequence: number) =>
    plain.encode({ run: plan.run, client: plan.client, sequence }, plan.transactionSizeBytes, plan.seed);
  return { pool, made, take, expected };
}

async function fill(pool: TransactionPool, signal = new AbortController().signal): Promise<EventBody[]> {
  const events: EventBody[] = [];
  await pool.fill({ clock: systemClock, emit: (body) => events.push(body), signal });
  return events;
}

describe("transactions that are made before the run", () => {
  test("are those of the client's share, each made once, and are what the form makes", async () => {
    const { pool, made, take, expected } = open();
    const events = await fill(pool);
    const own = Array.from({ length: 100 }, (_, index) => 3 * index + 1);
    expect(made).toEqual(own);
    expect(events.at(-1)).toEqual({ type: "transactions-made", made: 100, of: 100 });
    for (const sequence of own) expect(Buffer.from(take(sequence))).toEqual(Buffer.from(expected(sequence)));
    expect(made).toEqual(own);
    expect(pool.madeWhenDue).toBe(0);
  });

  test("past them, and for others' numbers, they are made when asked for, and the client's own are counted", async () => {
    const { pool, take, expected } = open();
    // A transport that asks how long a request is, before there are any.
    take(1);
    await fill(pool);
    expect(Buffer.from(take(0))).toEqual(Buffer.from(expected(0)));
    expect(pool.madeWhenDue).toBe(0);
    expect(Buffer.from(take(301))).toEqual(Buffer.from(expected(301)));
    expect(pool.madeWhenDue).toBe(1);
  });

  test("a closed loop has as many as its estimate says, and no more than 20,000", async () => {
    const loop = { windowTransactions: 0, closedLoop: { inFlight: 6 } };
    const few = open({ ...loop, rateTps: 600, warmUpMs: 500, windowMs: 1000 });
    await fill(few.pool);
    expect(few.made).toHaveLength(300);
    const many = open({ ...loop, rateTps: 1e6 });
    await fill(many.pool);
    expect(many.made).toHaveLength(20_000);
  });

  test("an abort ends the making", async () => {
    const { pool, made } = open();
    await expect(fill(pool, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    expect(made).toEqual([]);
  });

  test("more than fits into memory is refused, with what would help", () => {
    expect(() => open({ transactionSizeBytes: 6_000_000 })).toThrow(
      /573 MiB, and the limit is 512 MiB\. .* more clients/,
    );
  });
});
