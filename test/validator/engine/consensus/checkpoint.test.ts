import fc from "fast-check";
import { expect, test } from "vitest";
import { buildRef, compareBlocks } from "../../../../src/validator/engine/consensus/block.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  stateHash,
} from "../../../../src/validator/engine/consensus/checkpoint.ts";

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const gcRound = 7;
const committed = fc.record({
  ref: fc
    .tuple(fc.nat(9), fc.integer({ min: gcRound + 1, max: 2 ** 40 }), digest)
    .map(([author, round, bytes]) => buildRef(author, round, bytes)),
  timestampMs: number,
});
const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  height: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  hash: digest,
  appHash: digest,
  timeMs: number,
  cursor: fc.record({ round: fc.integer({ min: 1, max: 2 ** 40 }), rank: fc.nat(9) }),
  gcRound: fc.constant(gcRound),
  committed: fc
    .uniqueArray(committed, { minLength: 1, maxLength: 5, selector: ({ ref }) => ref.key })
    .map((blocks) => blocks.sort(compareBlocks)),
  window: fc.array(
    fc.array(digest, { maxLength: 3 }).map((keys) => Buffer.concat(keys)),
    { maxLength: 4 },
  ),
});

test("a checkpoint comes back as it was", () => {
  fc.assert(
    fc.property(checkpoint, (original) => {
      const { encoded, ...summary } = encodeCheckpoint(original);
      expect(decodeCheckpoint(encoded)).toEqual(original);
      expect(summary).toEqual({
        height: original.height,
        stateHash: stateHash(encoded),
        sizeBytes: encoded.length,
      });
    }),
  );
});

test("bytes that are cut, longer or changed are none, or another checkpoint with another hash", () => {
  fc.assert(
    fc.property(checkpoint, fc.nat(), fc.integer({ min: 1, max: 255 }), (original, place, change) => {
      const { encoded, stateHash: known } = encodeCheckpoint(original);
      expect(decodeCheckpoint(encoded.subarray(0, place % encoded.length))).toBeUndefined();
      expect(decodeCheckpoint(Buffer.concat([encoded, Buffer.of(change)]))).toBeUndefined();
      const changed = Buffer.from(encoded);
      changed.writeUInt8(changed.readUInt8(place % changed.length) ^ change, place % changed.length);
      expect(stateHash(changed)).not.toEqual(known);
      const other = decodeCheckpoint(changed);
      if (other !== undefined) expect(encodeCheckpoint(other).encoded).toEqual(changed);
    }),
    { numRuns: 300 },
  );
});
