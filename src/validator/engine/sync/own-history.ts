import type { Committee } from "../consensus/committee.ts";

/** How long peers that have not answered are waited for where nothing tells of a former life. */
const patienceMs = 2_000;
/** How long a peer's claim to hold a higher own block is believed without seeing that block. */
const beliefMs = 5_000;

/** What a peer tells when it is connected. */
interface Answer {
  /** Highest round of a block of this validator that it holds. */
  readonly ownRound: number;
  /** Highest round of its own. */
  readonly peerRound: number;
}

/**
 * Says when a validator that just started may propose: not where it may have signed that round in a former life, since
 * to propose twice in one round is to equivocate. Pure: time is handed in.
 *
 * It may where it holds the last block that it signed, and in every round above that. It may not know which that was:
 * then all peers have to tell what they hold, since the one that does not answer may be the only one that got the block.
 */
export class OwnHistory {
  readonly #committee: Committee;
  readonly #signedRound: number | undefined;
  readonly #startedMs: number;
  readonly #answers = new Map<number, Answer>();
  /** Peer → the highest own round that it claims to hold, and when it first claimed any. */
  readonly #claims = new Map<number, { readonly round: number; readonly sinceMs: number }>();
  #seen = 0;
  /** What peers know to be the highest round that this validator can have signed. */
  #bound: number | undefined;
  #complete = false;

  /** @param signedRound no higher round was ever signed; undefined where that is not known */
  constructor(committee: Committee, signedRound: number | undefined, startedMs: number) {
    this.#committee = committee;
    this.#signedRound = signedRound;
    this.#startedMs = startedMs;
  }

  /** Highest round of an own block that a peer sent, whether or not its history is here; 0 before the first. */
  get seenRound(): number {
    return this.#seen;
  }

  answered(peer: number, answer: Answer, nowMs: number): void {
    const { ownRound } = answer;
    const claim = this.#claims.get(peer);
    if (ownRound > (claim?.round ?? 0)) {
      this.#claims.set(peer, { round: ownRound, sinceMs: claim?.sinceMs ?? nowMs });
    }
    this.#answers.set(peer, answer);
    this.#bound ??= this.#boundByPeers();
  }

  /** Notes an own block with a good signature that a peer sent. */
  saw(round: number): void {
    this.#seen = Math.max(this.#seen, round);
  }

  /**
   * @param heldRound round of the highest own block accepted here
   * @param nextRound the round that would be proposed in
   */
  mayPropose(heldRound: number, nextRound: number, nowMs: number): boolean {
    if (heldRound < this.#seen && nextRound <= this.#seen) return false;
    this.#complete ||= this.#isAbove(heldRound, nextRound) || this.#isComplete(heldRound, nowMs);
    return this.#complete;
  }

  /** Whether own blocks may be missing here: up to which round, and which peers have answered so far. */
  missing(heldRound: number): { readonly signedRound: number; readonly answered: number[] } | undefined {
    const signedRound = Math.max(this.#seen, this.#signedRound ?? this.#bound ?? 0);
    if (this.#complete || signedRound <= heldRound || this.#isFirstLife(heldRound)) return undefined;
    return { signedRound, answered: [...this.#answers.keys()] };
  }

  #isAbove(heldRound: number, nextRound: number): boolean {
    const signedRound = this.#signedRound ?? this.#bound;
    return signedRound !== undefined && (heldRound >= signedRound || nextRound > signedRound);
  }

  #isComplete(heldRound: number, nowMs: number): boolean {
    const { size, quorum } = this.#committee;
    if (this.#answers.size < quorum - 1) return false;
    for (const { round, sinceMs } of this.#claims.values()) {
      // Nobody holds what was never signed.
      const isPossible = this.#signedRound === undefined || round <= this.#signedRound;
      if (isPossible && round > heldRound && nowMs - sinceMs <= beliefMs) return false;
    }
    if (this.#answers.size >= size - 1) return true;
    return this.#isFirstLife(heldRound) && nowMs - this.#startedMs >= patienceMs;
  }

  /** Whether nothing was ever signed, as far as anyone knows. */
  #isFirstLife(heldRound: number): boolean {
    return this.#signedRound === undefined && this.#seen + this.#claims.size + heldRound === 0;
  }

  /**
   * A round is entered on blocks of Q authors in the round before. At most f of those have not answered, and one is
   * this validator's: so many of those that have answered stood there at least.
   */
  #boundByPeers(): number | undefined {
    const { faults, quorum } = this.#committee;
    if (this.#answers.size < quorum - 1) return undefined;
    const rounds = [...this.#answers.values()].map(({ peerRound }) => peerRound).sort((a, b) => b - a);
    return 1 + (rounds[quorum - faults - 2] ?? 0);
  }
}
