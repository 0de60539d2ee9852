/** How long who broke the protocol is kept away. */
export interface BanPeriods {
  readonly firstMs: number;
  /** Each time doubles the last, up to this. */
  readonly longestMs: number;
  /** Who broke nothing for so long after a ban begins anew. */
  readonly quietMs: number;
}

export const defaultBanPeriods: BanPeriods = { firstMs: 5_000, longestMs: 60_000, quietMs: 120_000 };

/**
 * Peers that broke the protocol, and until when they are kept away. Only what a peer that has proven who it is did
 * counts: nobody can have another banned. Pure: time is handed in.
 */
export class Bans {
  readonly #periods: BanPeriods;
  readonly #bans = new Map<number, { periodMs: number; untilMs: number }>();

  constructor(periods: BanPeriods) {
    this.#periods = periods;
  }

  /** Notes that a peer broke the protocol. Returns how long it is kept away, ms. */
  ban(authority: number, nowMs: number): number {
    const { firstMs, longestMs, quietMs } = this.#periods;
    const last = this.#bans.get(authority);
    const isQuiet = last === undefined || nowMs - last.untilMs > quietMs;
    const periodMs = isQuiet ? firstMs : Math.min(longestMs, 2 * last.periodMs);
    this.#bans.set(authority, { periodMs, untilMs: nowMs + periodMs });
    return periodMs;
  }

  /** How long a peer is kept away still, ms; 0 where it is welcome. */
  remainingMs(authority: number, nowMs: number): number {
    return Math.max(0, (this.#bans.get(authority)?.untilMs ?? nowMs) - nowMs);
  }
}
