/**
 * A rate over time in pieces, and the transactions that are due by then: its integral and the inverse of that, both in
 * closed form. Nothing is added up transaction by transaction, so nothing drifts.
 */
import type { RatePiece } from "../../contracts/load/load-profile.ts";

const turn = 2 * Math.PI;
/** Newton's steps at most; where they lead astray a halving takes their place, so this is never reached. */
const mostSteps = 100;

/** Transactions that are due within the piece's first milliseconds, a fraction. */
export function transactionsUpTo(piece: RatePiece, ms: number): number {
  const { fromMs, toMs } = piece;
  const [from, to] = [piece.fromTps / 1000, piece.toTps / 1000];
  if (piece.kind === "linear") return ms * (from + ((to - from) / (toMs - fromMs)) * (ms / 2));
  const mean = (from + to) / 2;
  const swing = (to - from) / 2;
  return mean * ms - ((swing * piece.periodMs) / turn) * Math.sin((turn * ms) / piece.periodMs);
}

/** Transactions that are due within all of the pieces, a fraction. */
export function transactionsIn(pieces: readonly RatePiece[]): number {
  return pieces.reduce((sum, piece) => sum + transactionsUpTo(piece, piece.toMs - piece.fromMs), 0);
}

/** The highest rate that any of the pieces comes to. */
export function highestTps(pieces: readonly RatePiece[]): number {
  return pieces.reduce((most, { fromTps, toTps }) => Math.max(most, fromTps, toTps), 0);
}

/** Inverts `transactionsUpTo`: milliseconds from the piece's beginning until so many transactions are due. */
export function openInverse(piece: RatePiece): (transactions: number) => number {
  return piece.kind === "linear" ? invertLinear(piece) : invertSine(piece);
}

/** t = 2n / (r + √(r² + 2sn)): the root of rt + st²/2 = n in the form that cancels nothing, whatever sign s has. */
function invertLinear({ fromMs, toMs, fromTps, toTps }: RatePiece): (transactions: number) => number {
  const rate = fromTps / 1000;
  const slope = (toTps - fromTps) / 1000 / (toMs - fromMs);
  const square = rate * rate;
  return (transactions) =>
    transactions <= 0
      ? 0
      : (2 * transactions) / (rate + Math.sqrt(Math.max(0, square + 2 * slope * transactions)));
}

/**
 * Whole periods first; within one it is Kepler's equation, angle - e sin angle = share of the period's transactions,
 * with e = half the swing / mean. Newton's method from a good first guess, held by a bracket that every step narrows.
 */
function invertSine(piece: RatePiece & { readonly kind: "sine" }): (transactions: number) => number {
  const { fromTps, toTps, periodMs } = piece;
  const perPeriod = ((fromTps + toTps) / 2000) * periodMs;
  const e = (toTps - fromTps) / (toTps + fromTps);
  return (transactions) => {
    if (transactions <= 0) return 0;
    const periods = Math.floor(transactions / perPeriod);
    const share = (transactions / perPeriod - periods) * turn;
    return (periods + solveKepler(share, e) / turn) * periodMs;
  };
}

function solveKepler(share: number, e: number): number {
  let [low, high] = [Math.max(0, share - Math.abs(e)), Math.min(turn, share + Math.abs(e))];
  let angle = Math.min(high, Math.max(low, share + e * Math.sin(share)));
  for (let step = 0; step < mostSteps; step++) {
    const miss = angle - e * Math.sin(angle) - share;
    if (miss === 0) return angle;
    if (miss > 0) high = angle;
    else low = angle;
    const newton = angle - miss / (1 - e * Math.cos(angle));
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (next === angle || Math.abs(next - angle) <= Number.EPSILON * angle) return next;
    angle = next;
  }
  return angle;
}
