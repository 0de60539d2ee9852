import type { Clock } from "../../core/clock.ts";
import type { Mempool } from "../engine/mempool.ts";
import type { BlockSync } from "../engine/sync/block-sync.ts";
import type { Engine } from "./engine.ts";
import type { Log } from "./logging.ts";
import type { Membership } from "./membership.ts";

export interface ProposalGateParts {
  readonly membership: Membership;
  /** Those of the moment. */
  readonly engine: () => Engine;
  readonly blocks: () => BlockSync;
  readonly mempool: Mempool;
  readonly clock: Clock;
  readonly log: Log;
}

/** A validator that is behind proposes what it was given no more often than this: it is to catch up first. */
const behindProposalMs = 1_000;

/** After a start, how long nothing is said of what it waits for: peers have to be connected first. */
const silenceReportMs = 3_000;

/** Says whether a node may propose at all: not where it may sign a round again, and rarely while it is behind. */
export class ProposalGate {
  readonly #parts: ProposalGateParts;
  readonly #startedMs: number;
  #isSilenceReported = false;
  /** When an own block last went out. */
  #proposedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ProposalGateParts) {
    this.#parts = parts;
    this.#startedMs = parts.clock.monotonicMs();
  }

  /** An own block goes out. Returns when, on the monotonic clock. */
  proposed(): number {
    this.#proposedMs = this.#parts.clock.monotonicMs();
    return this.#proposedMs;
  }

  mayPropose(): boolean {
    const { catchingUp } = this.#parts.blocks();
    return this.knowsOwnHistory() && (!catchingUp || this.#isOverdue());
  }

  knowsOwnHistory(): boolean {
    // Nothing is proposed in an obsolete round, whatever own blocks of a former life stand there.
    const { lastOwnRound, consensus } = this.#parts.engine();
    const { gcRound, clock } = consensus.dag;
    const heldRound = Math.max(lastOwnRound, gcRound);
    return this.#parts.blocks().ownHistory.mayPropose(heldRound, clock, this.#parts.clock.monotonicMs());
  }

  /** Tells once what a validator waits for that lost own blocks, and how it can go on. Call it again and again. */
  reportSilence(): void {
    if (this.#isSilenceReported) return;
    if (this.#parts.clock.monotonicMs() - this.#startedMs < silenceReportMs) return;
    this.#isSilenceReported = true;
    const missing = this.#parts.blocks().ownHistory.missing(this.#parts.engine().lastOwnRound);
    if (missing === undefined) return;
    this.#parts.log("warn", "own blocks are missing: proposes nothing yet, so as not to sign a round twice", {
      ...missing,
      remedy: "Start the validators that have not answered, or wait for a round above signedRound.",
    });
  }

  /**
   * Whether something waits that should be proposed though this validator is behind: else, what keeps it behind would
   * also keep what it acknowledged. The block comes too late for votes, but others link to it while its round counts.
   */
  #isOverdue(): boolean {
    const { membership, blocks, mempool, clock } = this.#parts;
    const isWithinReach = blocks().roundsBehind < membership.rules.gcDepth / 2;
    const sinceMs = clock.monotonicMs() - this.#proposedMs;
    return mempool.count > 0 && isWithinReach && sinceMs >= behindProposalMs;
  }
}
