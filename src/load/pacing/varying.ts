import type { RatePiece } from "../../contracts/load/load-profile.ts";
import { openInverse, transactionsUpTo } from "../timeline/rates.ts";

/** When so many transactions are due of a rate that changes. Times are milliseconds from the start of the window. */
export interface DueTimes {
  /** Due in all, a fraction. */
  readonly transactions: number;
  /**
   * The inverse of the rate's integral over all pieces. Where nothing is offered for a while, the transaction that is
   * due then comes when something is offered again.
   *
   * Kept by a cursor: cheap as long as it is asked in rising order, whatever is left out.
   */
  readonly at: (transactions: number) => number;
}

export function openDueTimes(rates: readonly RatePiece[]): DueTimes {
  let sum = 0;
  const pieces = rates
    .filter(({ fromTps, toTps }) => fromTps > 0 || toTps > 0)
    .map((piece) => {
      const from = sum;
      sum += transactionsUpTo(piece, piece.toMs - piece.fromMs);
      const latestMs = piece.toMs * (1 - Number.EPSILON);
      return { fromMs: piece.fromMs, latestMs, from, to: sum, msAt: openInverse(piece) };
    });
  let place = 0;
  let piece = pieces[0];
  return {
    transactions: sum,
    at: (transactions) => {
      if (piece === undefined) return Number.POSITIVE_INFINITY;
      if (transactions < piece.from) {
        place = 0;
        piece = pieces[0] ?? piece;
      }
      while (transactions >= piece.to && place < pieces.length - 1) {
        place++;
        piece = pieces[place] ?? piece;
      }
      // Rounding must not carry a transaction out of its piece, and so out of the window.
      return Math.min(piece.fromMs + piece.msAt(transactions - piece.from), piece.latestMs);
    },
  };
}
