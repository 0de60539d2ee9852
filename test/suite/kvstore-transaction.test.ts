import fc from "fast-check";
import { expect, test } from "vitest";
import { kvstoreTransactions } from "../../benchmarks/suite/kvstore-transaction.ts";

const identities = fc.record({
  run: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  client: fc.integer({ min: 0, max: 65_535 }),
  sequence: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
});

test("a transaction has the size asked for, suits the kvstore, and is known again", () => {
  fc.assert(
    fc.property(identities, fc.integer({ min: 32, max: 600 }), fc.nat(), (identity, sizeBytes, seed) => {
      const transaction = kvstoreTransactions.encode(identity, sizeBytes, seed);
      expect(transaction).toHaveLength(sizeBytes);
      expect(Buffer.from(transaction).toString("latin1")).toMatch(/^[^=:]+=[^=:]+$/);
      expect(kvstoreTransactions.identify(transaction)).toEqual(identity);
    }),
  );
});

test("what is not of this form is nobody's", () => {
  expect(kvstoreTransactions.identify(Buffer.from("a=b"))).toBeUndefined();
  expect(kvstoreTransactions.identify(Buffer.alloc(512))).toBeUndefined();
});

test("a size that leaves no room for the header and a value is refused", () => {
  const identity = { run: 1, client: 0, sequence: 0 };
  expect(() => kvstoreTransactions.encode(identity, 31, 1)).toThrow("choose 32 to");
});
