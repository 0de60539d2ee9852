import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TransactionIdentity } from "../../../src/contracts/load/submission.ts";
import { buildTransactionFormat } from "../../../src/protocol/transactions/transaction.ts";

const format = buildTransactionFormat(100_000);
const identities = fc.record({
  run: fc.nat({ max: 2 ** 32 - 1 }),
  client: fc.nat({ max: 65_535 }),
  sequence: fc.maxSafeNat().map((number) => number % 2 ** 48),
});
const sizes = fc.integer({ min: format.smallestBytes, max: 3000 });
const key = ({ run, client, sequence }: TransactionIdentity) => `${run} ${client} ${sequence}`;

describe("transaction format", () => {
  test("golden", () => {
    const transaction = format.encode({ run: 0xdeadbeef, client: 0x0102, sequence: 0x030405060708 }, 40, 7);
    expect(Buffer.from(transaction).toString("hex")).toBe(
      "62616c65656edeadbeef0102030405060708dd1d3228b45f4a23cf54b1fd89074eace30ee17733e6",
    );
  });

  test("every identity comes back from a transaction of exactly the size asked for", () => {
    fc.assert(
      fc.property(identities, sizes, fc.integer(), (identity, sizeBytes, seed) => {
        const transaction = format.encode(identity, sizeBytes, seed);
        expect(transaction).toHaveLength(sizeBytes);
        expect(format.identify(transaction)).toEqual(identity);
        const copy = new Uint8Array(sizeBytes + 5);
        copy.set(transaction, 5);
        expect(format.identify(copy.subarray(5))).toEqual(identity);
        expect(format.encode(identity, sizeBytes, seed)).toEqual(transaction);
      }),
    );
  });

  test("different identities make different transactions, at any size", () => {
    fc.assert(
      fc.property(fc.uniqueArray(identities, { selector: key, maxLength: 20 }), sizes, (many, sizeBytes) => {
        const encoded = many.map((one) => Buffer.from(format.encode(one, sizeBytes, 1)).toString("hex"));
        expect(new Set(encoded).size).toBe(many.length);
      }),
    );
  });

  test("the filler follows from the seed and is neither zeros nor a pattern", () => {
    const identity = { run: 1, client: 2, sequence: 3 };
    const filler = (seed: number) => Buffer.from(format.encode(identity, 4096, seed).subarray(18));
    expect(filler(1)).not.toEqual(filler(2));
    expect(new Set(filler(1)).size).toBe(256);
  });

  test("transactions do not share their bytes", () => {
    const first = format.encode({ run: 1, client: 0, sequence: 0 }, 100, 1);
    format.encode({ run: 2, client: 0, sequence: 1 }, 100, 1).fill(0);
    expect(format.identify(first)).toEqual({ run: 1, client: 0, sequence: 0 });
    expect(first.at(-1)).toBe(format.encode({ run: 1, client: 0, sequence: 0 }, 100, 1).at(-1));
  });

  test("the parts of the header stand in whole groups of base64", () => {
    const text = (run: number, client: number, sequence: number) =>
      Buffer.from(format.encode({ run, client, sequence }, 21, 1)).toString("base64");
    const base = text(0, 0, 0);
    expect([text(1, 0, 0).slice(0, 8), text(1, 0, 0).slice(16)]).toEqual([base.slice(0, 8), base.slice(16)]);
    expect([text(0, 0, 1).slice(0, 16), text(0, 0, 1).slice(24)]).toEqual([
      base.slice(0, 16),
      base.slice(24),
    ]);
  });

  test.each([17, 0, -1, 18.5, Number.NaN, 100_001])(
    "refuses the size %s and names those that work",
    (size) => {
      expect(() => format.encode({ run: 0, client: 0, sequence: 0 }, size, 1)).toThrow(/18 to 100000 bytes/);
    },
  );

  test.each([
    { run: 2 ** 32, client: 0, sequence: 0 },
    { run: 0, client: 65_536, sequence: 0 },
    { run: 0, client: 0, sequence: 2 ** 48 },
    { run: 0, client: -1, sequence: 0 },
  ])("refuses an identity out of range: %o", (identity) => {
    expect(() => format.encode(identity, 18, 1)).toThrow(RangeError);
  });

  test("knows what is not of its form", () => {
    const transaction = format.encode({ run: 1, client: 1, sequence: 1 }, 18, 1);
    expect(format.identify(transaction.subarray(0, 17))).toBeUndefined();
    expect(format.identify(new Uint8Array())).toBeUndefined();
    for (let byte = 0; byte < 6; byte++) {
      const other = Uint8Array.from(transaction);
      other[byte] = (other[byte] ?? 0) ^ 1;
      expect(format.identify(other)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const isOurs = bytes.length >= 18 && Buffer.from(bytes.subarray(0, 6)).toString() === "baleen";
        expect(format.identify(bytes) !== undefined).toBe(isOurs);
      }),
    );
  });
});
