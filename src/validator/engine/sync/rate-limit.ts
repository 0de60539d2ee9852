interface Allowance {
  /** What may pass at once, as of `atMs`. */
  left: number;
  atMs: number;
  heldBack: number;
}

/**
 * How often something may happen, for each key on its own: `burst` times at once, then once every `everyMs`. It counts
 * what it held back, so that a log can say "and 37 more". Pure: time is handed in.
 */
export class RateLimit {
  readonly #burst: number;
  readonly #everyMs: number;
  readonly #mostKeys: number;
  readonly #allowances = new Map<string, Allowance>();

  /** @param limit `mostKeys`: beyond so many at a time, new keys are held back */
  constructor(limit: { readonly burst: number; readonly everyMs: number; readonly mostKeys: number }) {
    this.#burst = limit.burst;
    this.#everyMs = limit.everyMs;
    this.#mostKeys = limit.mostKeys;
  }

  /** @returns how many of this key were held back since the last that passed; undefined where this one is held back */
  pass(key: string, nowMs: number): number | undefined {
    const allowance = this.#allowanceOf(key, nowMs);
    if (allowance === undefined) return undefined;
    if (allowance.left < 1) {
      allowance.heldBack++;
      return undefined;
    }
    allowance.left--;
    const { heldBack } = allowance;
    allowance.heldBack = 0;
    return heldBack;
  }

  /** Keys of which something was held back and may be told by now, with how much. Call it from time to time. */
  *passHeldBack(nowMs: number): Generator<[key: string, count: number]> {
    for (const [key, allowance] of this.#allowances) {
      if (allowance.heldBack === 0) continue;
      this.#refill(allowance, nowMs);
      if (allowance.left < 1) continue;
      yield [key, this.pass(key, nowMs) ?? 0];
    }
  }

  #allowanceOf(key: string, nowMs: number): Allowance | undefined {
    const known = this.#allowances.get(key);
    if (known !== undefined) {
      this.#refill(known, nowMs);
      return known;
    }
    if (this.#allowances.size >= this.#mostKeys) this.#forgetUnused(nowMs);
    if (this.#allowances.size >= this.#mostKeys) return undefined;
    const allowance = { left: this.#burst, atMs: nowMs, heldBack: 0 };
    this.#allowances.set(key, allowance);
    return allowance;
  }

  #refill(allowance: Allowance, nowMs: number): void {
    allowance.left = Math.min(this.#burst, allowance.left + (nowMs - allowance.atMs) / this.#everyMs);
    allowance.atMs = nowMs;
  }

  /** A full allowance is as good as none. */
  #forgetUnused(nowMs: number): void {
    for (const [key, allowance] of this.#allowances) {
      this.#refill(allowance, nowMs);
      if (allowance.left >= this.#burst && allowance.heldBack === 0) this.#allowances.delete(key);
    }
  }
}
