import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TransactionIdentity } from "../../../../src/contracts/load/submission.ts";
import { buildFormat } from "../../../../src/protocol/custom/submission/format.ts";
import { keyBytes } from "../../../../src/protocol/transactions/hex-key.ts";
import { described } from "./described.ts";

const format = buildFormat(described("${transaction}"));
const identities = fc.record({
  run: fc.nat({ max: 2 ** 32 - 1 }),
  client: fc.nat({ max: 65_535 }),
  sequence: fc.maxSafeNat().map((number) => number % 2 ** 48),
});
const sizes = fc.integer({ min: format.smallestBytes, max: 3000 });
const name = ({ run, client, sequence }: TransactionIdentity) => `${run} ${client} ${sequence}`;

describe("transactions of described systems", () => {
  test("golden", () => {
    const transaction = format.encode({ run: 0xdeadbeef, client: 0x0102, sequence: 0x030405060708 }, 46, 7);
    expect(Buffer.from(transaction).toString()).toMatch(/^baleendeadbeef0102030405060708[A-Za-z0-9]{16}$/);
    expect(transaction).toEqual(
      format.encode({ run: 0xdeadbeef, client: 0x0102, sequence: 0x030405060708 }, 46, 7),
    );
  });

  test("every identity comes back from letters and digits of exactly the size asked for", () => {
    fc.assert(
      fc.property(identities, sizes, fc.integer(), (identity, sizeBytes, seed) => {
        const transaction = format.encode(identity, sizeBytes, seed);
        expect(transaction).toHaveLength(sizeBytes);
        expect(Buffer.from(transaction).toString()).toMatch(/^[A-Za-z0-9]+$/);
        expect(format.identify(transaction)).toEqual(identity);
        const copy = new Uint8Array(sizeBytes + 5);
        copy.set(transaction, 5);
        const into = { run: 0, client: 0, sequence: 0 };
        expect(format.identifyHead(copy, 5, into)).toBe(true);
        expect(into).toEqual(identity);
      }),
    );
  });

  test("different identities make different keys", () => {
    fc.assert(
      fc.property(fc.uniqueArray(identities, { selector: name, maxLength: 20 }), (many) => {
        const keys = many.map((one) =>
          Buffer.from(format.encode(one, 64, 1))
            .toString()
            .slice(0, keyBytes),
        );
        expect(new Set(keys).size).toBe(many.length);
      }),
    );
  });

  test("the filler follows from the seed, and uses every letter and digit", () => {
    const filler = (seed: number) =>
      Buffer.from(
        format.encode({ run: 1, client: 2, sequence: 3 }, 4096, seed).subarray(keyBytes),
      ).toString();
    expect(filler(1)).not.toEqual(filler(2));
    expect(new Set(filler(1)).size).toBe(62);
  });

  test("what is not of this form has no identity", () => {
    const transaction = Buffer.from(format.encode({ run: 1, client: 2, sequence: 3 }, 64, 1));
    const changed = (place: number, text: string) => {
      const copy = Buffer.from(transaction);
      copy.write(text, place);
      return format.identify(copy);
    };
    expect(format.identify(transaction.subarray(0, keyBytes - 1))).toBeUndefined();
    expect(changed(0, "B")).toBeUndefined();
    expect(changed(10, "F")).toBeUndefined();
    expect(changed(keyBytes - 1, "g")).toBeUndefined();
    expect(changed(keyBytes, "!")).toEqual({ run: 1, client: 2, sequence: 3 });
  });

  test("sizes and identities that do not fit are refused by name", () => {
    const identity = { run: 1, client: 2, sequence: 3 };
    expect(() => format.encode(identity, keyBytes - 1, 1)).toThrow("a size from 30 to 100000 bytes");
    expect(() => format.encode(identity, 100_001, 1)).toThrow("a size from 30 to 100000 bytes");
    expect(() => format.encode({ ...identity, sequence: 2 ** 48 }, 64, 1)).toThrow("12 hexadecimal digits");
    expect(() => format.encode({ ...identity, client: -1 }, 64, 1)).toThrow("4 hexadecimal digits");
  });
});
