import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cometbft } from "../../../src/protocol/cometbft/cometbft.ts";
import { buildKvstoreFormat } from "../../../src/protocol/transactions/kvstore.ts";

const format = buildKvstoreFormat(100_000);
const identities = fc.record({
  run: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  client: fc.integer({ min: 0, max: 65_535 }),
  sequence: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
});

test("golden", () => {
  const identity = { run: 0xdeadbeef, client: 0x0102, sequence: 0x030405060708 };
  const text = Buffer.from(format.encode(identity, 40, 7)).toString("latin1");
  expect(text).toMatch(/^baleendeadbeef0102030405060708=[a-z0-5]{9}$/);
  expect(Buffer.from(format.encode(identity, 40, 7)).toString("latin1")).toBe(text);
  expect(Buffer.from(format.encode(identity, 40, 8)).toString("latin1")).not.toBe(text);
});

test("a transaction has the size asked for, suits the kvstore, and is known again", () => {
  fc.assert(
    fc.property(identities, fc.integer({ min: 32, max: 600 }), fc.nat(), (identity, sizeBytes, seed) => {
      const transaction = format.encode(identity, sizeBytes, seed);
      expect(transaction).toHaveLength(sizeBytes);
      expect(Buffer.from(transaction).toString("latin1")).toMatch(/^[^=:]+=[^=:]+$/);
      expect(format.identify(transaction)).toEqual(identity);
      const heads = Buffer.concat([Buffer.alloc(5), transaction.subarray(0, format.headBytes)]);
      const slot = { run: 0, client: 0, sequence: 0 };
      expect([format.identifyHead(heads, 5, slot), slot]).toEqual([true, identity]);
    }),
  );
});

test("what is not of this form is nobody's", () => {
  const transaction = Buffer.from(format.encode({ run: 1, client: 2, sequence: 3 }, 64, 1));
  expect(format.identify(Buffer.from("a=b"))).toBeUndefined();
  expect(format.identify(Buffer.alloc(512))).toBeUndefined();
  expect(format.identify(transaction.subarray(0, 31))).toBeUndefined();
  for (let place = 0; place < format.headBytes; place++) {
    const other = Buffer.from(transaction);
    other.write("G", place, "latin1");
    expect(format.identify(other)).toBeUndefined();
  }
});

test.each([31, 0, -1, 32.5, Number.NaN, 100_001])("refuses the size %s and names those that work", (size) => {
  expect(() => format.encode({ run: 1, client: 0, sequence: 0 }, size, 1)).toThrow(/32 to 100000 bytes/);
});

test.each([
  { run: 2 ** 32, client: 0, sequence: 0 },
  { run: 0, client: 65_536, sequence: 0 },
  { run: 0, client: 0, sequence: 2 ** 48 },
  { run: 0, client: -1, sequence: 0 },
])("refuses an identity out of range: %o", (identity) => {
  expect(() => format.encode(identity, 64, 1)).toThrow(RangeError);
});

describe("a body's template", () => {
  test("is, patched, the body of the transaction with that number, whatever came before", () => {
    const { submission, transactions } = cometbft;
    const encode = (sequence: number) => transactions.encode({ run: 7, client: 1, sequence }, 100, 1);
    const template = submission.template?.(encode(0));
    if (template === undefined) throw new Error("no template");
    const near = fc.tuple(fc.nat({ max: 2 ** 47 }), fc.array(fc.nat({ max: 10_000 }), { minLength: 1 }));
    fc.assert(
      fc.property(near, ([base, steps]) => {
        for (const step of steps) {
          const copy = Buffer.concat([Buffer.alloc(3), template.bytes]);
          template.patch(copy, 3, base + step);
          expect(copy.toString("latin1", 3)).toBe(submission.body(encode(base + step), base + step));
        }
      }),
    );
  });
});
