import fc from "fast-check";
import { expect, test } from "vitest";
import { BytePattern } from "../../src/core/byte-pattern.ts";

const byte = fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constantFrom(0x7f, 0xff, 0xf0, 0x80));
const pattern = fc.array(byte, { minLength: 1, maxLength: 40 });

test("stands where all its bytes are the same, and nowhere else", () => {
  fc.assert(
    fc.property(pattern, fc.nat(9), fc.nat(), fc.nat(255), (letters, place, at, other) => {
      const bytes = Buffer.alloc(60, 1);
      bytes.set(letters, place);
      const looked = new BytePattern(Uint8Array.from(letters));
      // What is no number may look different although it is the same: the way that is taken then is only slower.
      const isText = letters.every((letter) => letter < 0x7f);
      if (isText) expect(looked.standsIn(bytes, place)).toBe(true);
      const changed = place + (at % letters.length);
      const differs = bytes[changed] !== other;
      bytes[changed] = other;
      if (differs) expect(looked.standsIn(bytes, place)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test("follows other bytes, and changes of its own", () => {
  const letters = Buffer.from("0123456789");
  const looked = new BytePattern(letters);
  const first = Buffer.from("x0123456789");
  expect(looked.standsIn(first, 1)).toBe(true);
  expect(looked.standsIn(Buffer.from("x0123456780"), 1)).toBe(false);
  letters[9] = 0x30;
  expect(looked.standsIn(Buffer.from("0123456780"), 0)).toBe(true);
  expect(looked.standsIn(first, 1)).toBe(false);
});
