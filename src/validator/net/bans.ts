/** How long who broke the protocol is kept away. */
export const defaultBanPeriods = {
  firstMs: 5_000,
  /** Each time doubles the last, up to this. */
  longestMs: 60_000,
  /** Who broke nothing for so long after a ban begins anew. */
  quietMs: 120_000,
};
type BanPeriods = Readonly<typeof defaultBanPeriods>;

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
