import fc from "fast-check";
import { Transaction } from "micro-eth-signer";
import { describe, expect, test } from "vitest";
import { ethereumTransactions, shapeOf } from "../../../src/protocol/ethereum/transaction.ts";

const { encode, identify, identifyHead, smallestBytes, largestBytes, headBytes } = ethereumTransactions;

/** What the signing library reads out of it. */
function read(signed: Uint8Array) {
  const transaction = Transaction.fromBytes(signed);
  const { data, ...fields } = transaction.raw as {
    data: string;
    nonce: bigint;
    gasLimit: bigint;
    value: bigint;
  };
  return { sender: transaction.sender, calldata: Buffer.from(data.slice(2), "hex"), ...fields };
}

describe("transactions of Ethereum", () => {
  test("every size from the least to the largest has a shape but two, and the sizes below have none with an identity", () => {
    const without = [];
    for (let size = smallestBytes; size <= largestBytes; size++) {
      const shape = shapeOf(size);
      if (shape === undefined || shape.calldataBytes < headBytes + 1) without.push(size);
    }
    expect(without).toEqual(ethereumTransactions.impossibleBytes);
    expect(shapeOf(smallestBytes - 1)?.calldataBytes ?? 0).toBeLessThan(headBytes + 1);
  });

  test("they have exactly the wanted length, and say which they are", { timeout: 120_000 }, () => {
    const sizes = fc.oneof(
      fc
        .integer({ min: smallestBytes, max: 2000 })
        .filter((size) => ethereumTransactions.impossibleBytes?.includes(size) !== true),
      // Where lengths of lengths change.
      fc.constantFrom(
        158,
        159,
        160,
        255,
        256,
        257,
        258,
        260,
        360,
        361,
        362,
        65_536,
        65_539,
        65_541,
        65_640,
        largestBytes,
      ),
    );
    const identities = fc.record({
      run: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      client: fc.integer({ min: 0, max: 65_535 }),
      sequence: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    });
    fc.assert(
      fc.property(identities, sizes, fc.integer({ min: 0, max: 1000 }), (identity, size, seed) => {
        const signed = encode(identity, size, seed);
        expect(signed).toHaveLength(size);
        const { calldata, nonce, value, gasLimit } = read(signed);
        expect(identify(calldata)).toEqual(identity);
        const slot = { run: 0, client: 0, sequence: 0 };
        expect(identifyHead(calldata.subarray(0, headBytes), 0, slot)).toBe(true);
        expect(slot).toEqual(identity);
        expect({ nonce, value }).toEqual({ nonce: 0n, value: 0n });
        // Of EIP-7623, all bytes taken for other than zero; and the cap of EIP-7825.
        expect(gasLimit).toBeGreaterThanOrEqual(21_000n + 40n * BigInt(calldata.length));
        expect(gasLimit).toBeLessThanOrEqual(2n ** 24n);
      }),
      { numRuns: 60 },
    );
  });

  test("the same identity, size and seed give the same bytes; each other one another sender", () => {
    const identity = { run: 1, client: 2, sequence: 3 };
    const signed = encode(identity, 200, 4);
    expect(encode(identity, 200, 4)).toEqual(signed);
    const others = [
      encode({ ...identity, run: 2 }, 200, 4),
      encode({ ...identity, client: 3 }, 200, 4),
      encode({ ...identity, sequence: 4 }, 200, 4),
      encode(identity, 200, 5),
    ];
    expect(new Set([signed, ...others].map((one) => read(one).sender)).size).toBe(5);
  });

  test.each([smallestBytes - 1, largestBytes + 1, 200.5, 259, 65_540])(
    "there is none of %d bytes",
    (size) => {
      expect(() => encode({ run: 0, client: 0, sequence: 0 }, size, 0)).toThrow(/from 122 to 131072 bytes/);
    },
  );
});
