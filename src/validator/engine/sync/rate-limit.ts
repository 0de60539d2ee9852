export interface RateLimits {
  readonly burst: number;
  readonly everyMs: number;
  /** Beyond so many at a time, new keys are held back. */
  readonly mostKeys: number;
}

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
  readonly #limit: RateLimits;
  readonly #allowances = new Map<string, Allowance>();

  constructor(limit: RateLimits) {
    this.#limit = limit;
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
    if (this.#allowances.size >= this.#limit.mostKeys) this.#forgetUnused(nowMs);
    if (this.#allowances.size >= this.#limit.mostKeys) return undefined;
    const allowance = { left: this.#limit.burst, atMs: nowMs, heldBack: 0 };
    this.#allowances.set(key, allowance);
    return allowance;
  }

  #refill(allowance: Allowance, nowMs: number): void {
    const { burst, everyMs } = this.#limit;
    allowance.left = Math.min(burst, allowance.left + (nowMs - allowance.atMs) / everyMs);
    allowance.atMs = nowMs;
  }

  /** A full allowance is as good as none. */
  #forgetUnused(nowMs: number): void {
    for (const [key, allowance] of this.#allowances) {
      this.#refill(allowance, nowMs);
      if (allowance.left >= this.#limit.burst && allowance.heldBack === 0) this.#allowances.delete(key);
    }
  }
}
