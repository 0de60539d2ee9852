import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";

function take(seed: string, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random.nextUint32);
}

/** xoshiro128** as its authors publish it, in big integers, from a given state. */
function referenceXoshiro([s0, s1, s2, s3]: [bigint, bigint, bigint, bigint], count: number): number[] {
  const cut = (value: bigint) => BigInt.asUintN(32, value);
  const rotate = (value: bigint, by: bigint) => cut((value << by) | (value >> (32n - by)));
  const state = [s0, s1, s2, s3] as const;
  let [a, b, c, d] = state as readonly [bigint, bigint, bigint, bigint];
  return Array.from({ length: count }, () => {
    const result = cut(rotate(cut(b * 5n), 7n) * 9n);
    const t = cut(b << 9n);
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11n);
    return Number(result);
  });
}

/** FNV-1a of the seed, then four steps of splitmix32, the last made odd so that the state is never zero. */
function referenceState(seed: string): [bigint, bigint, bigint, bigint] {
  const cut = (value: bigint) => BigInt.asUintN(32, value);
  let hash = 0x811c9dc5n;
  for (let i = 0; i < seed.length; i++) hash = cut(cut(hash ^ BigInt(seed.charCodeAt(i))) * 0x01000193n);
  const mix = () => {
    hash = cut(hash + 0x9e3779b9n);
    let z = hash;
    z = cut((z ^ (z >> 16n)) * 0x21f0aaadn);
    z = cut((z ^ (z >> 15n)) * 0x735a2d97n);
    return z ^ (z >> 15n);
  };
  return [mix(), mix(), mix(), mix() | 1n];
}

describe("a seeded source", () => {
  test("is xoshiro128**, whatever the seed", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        expect(take(seed, 20)).toEqual(referenceXoshiro(referenceState(seed), 20));
      }),
    );
  });

  test("differs from seed to seed", () => {
    const firsts = Array.from({ length: 2000 }, (_, index) => take(`seed-${index}`, 2).join());
    expect(new Set(firsts).size).toBe(2000);
  });

  test("fills 0 to 1 evenly, without 1", () => {
    const random = seededRandom("even");
    const buckets = new Array<number>(20).fill(0);
    const count = 100_000;
    for (let i = 0; i < count; i++) {
      const ratio = random.nextRatio();
      expect(ratio >= 0 && ratio < 1).toBe(true);
      const bucket = Math.floor(ratio * 20);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    const expected = count / 20;
    const chiSquare = buckets.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    // 19 degrees of freedom, p = 0.999; the seed is fixed, so this does not flicker.
    expect(chiSquare).toBeLessThan(43.8);
  });
});
