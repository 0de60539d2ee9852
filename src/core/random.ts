/** A seeded source of numbers: the same seed gives the same sequence on every machine. */
export interface Random {
  /** A whole number, 0 to 2³² - 1. */
  readonly nextUint32: () => number;
  /** 0 (included) to 1 (excluded). */
  readonly nextRatio: () => number;
}

/** xoshiro128** seeded by splitmix32 over the text of `seed` (Blackman & Vigna, 2018). */
export function seededRandom(seed: string): Random {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193) >>> 0;
  const mix = () => {
    hash = (hash + 0x9e3779b9) >>> 0;
    let z = hash;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [mix(), mix(), mix(), mix() | 1];
  const nextUint32 = () => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return { nextUint32, nextRatio: () => nextUint32() / 2 ** 32 };
}
