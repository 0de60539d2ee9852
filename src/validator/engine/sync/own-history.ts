/** How long peers that have not answered are waited for once enough have. */
const patienceMs = 2_000;
/** How long a peer's claim to hold a higher own block is believed without seeing that block. */
const beliefMs = 5_000;

/**
 * Says when a validator that just started may propose: not before its peers have told how far its own blocks of a
 * former life went, since to propose twice in one round is to equivocate. Pure: time is handed in.
 */
export class OwnHistory {
  readonly #peers: number;
  readonly #needed: number;
  readonly #startedMs: number;
  /** Peer → highest own round that it claims to hold. */
  readonly #claims = new Map<number, number>();
  /** Highest round of an own block that a peer sent, whether or not its history is here. */
  #seen = 0;
  #complete = false;

  /**
   * @param peers other authorities
   * @param needed how many of them must answer at least: those without whom no block can be built anyway
   */
  constructor(peers: number, needed: number, startedMs: number) {
    this.#peers = peers;
    this.#needed = needed;
    this.#startedMs = startedMs;
  }

  /** Notes a peer's answer. Returns whether it claims an own block beyond all that is claimed or seen so far. */
  answered(peer: number, highestRound: number): boolean {
    const isNews = highestRound > Math.max(this.#seen, ...this.#claims.values());
    this.#claims.set(peer, highestRound);
    return isNews;
  }

  /** Notes an own block with a good signature that a peer sent. */
  saw(round: number): void {
    this.#seen = Math.max(this.#seen, round);
  }

  /** @param heldRound round of the highest own block accepted here */
  mayPropose(heldRound: number, nowMs: number): boolean {
    if (heldRound < this.#seen) return false;
    this.#complete ||= this.#isComplete(heldRound, nowMs - this.#startedMs);
    return this.#complete;
  }

  #isComplete(heldRound: number, waitedMs: number): boolean {
    if (this.#claims.size < this.#needed) return false;
    if (this.#claims.size < this.#peers && waitedMs < patienceMs) return false;
    return Math.max(0, ...this.#claims.values()) <= heldRound || waitedMs > beliefMs;
  }
}
