import type { RatePiece } from "../../contracts/load/load-profile.ts";
import { seededRandom } from "../../core/random.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { openInverse, transactionsUpTo } from "../timeline/rates.ts";

/** What the arrivals of a run follow from. */
export type PacerPlan = Pick<
  ClientPlan,
  "rateTps" | "rates" | "arrival" | "seed" | "warmUpMs" | "windowTransactions" | "windowMs"
>;

/**
 * When each transaction is due, whatever became of the ones before it. Times are milliseconds from the start of the
 * measurement window, negative in the warm-up. Numbers are those of the whole run, whoever sends them.
 */
export interface Pacer {
  /** Sequence numbers below this one belong to the warm-up. */
  readonly warmUpTransactions: number;
  /** All of the run's transactions: those of the warm-up, then those of the window. */
  readonly transactions: number;
  /**
   * Due time of the transaction with this sequence number, 0 to `transactions` - 1; Infinity from there on. It never
   * falls from one to the next. (Poisson arrivals and changing rates are cheap to ask for in rising order only; numbers
   * may be left out.)
   */
  readonly dueMs: (sequence: number) => number;
}

/** How many transactions a run has. */
export function countTransactions(
  plan: Pick<PacerPlan, "rateTps" | "rates" | "warmUpMs" | "windowTransactions">,
): Pick<Pacer, "warmUpTransactions" | "transactions"> {
  const warmUpTransactions = Math.floor((firstRateTps(plan) * plan.warmUpMs) / 1000);
  return { warmUpTransactions, transactions: warmUpTransactions + plan.windowTransactions };
}

function firstRateTps({ rates, rateTps }: Pick<PacerPlan, "rateTps" | "rates">): number {
  return rates?.[0]?.fromTps ?? rateTps;
}

/** Builds the pacer of a plan. The same plan gives the same arrivals. */
export function buildPacer(plan: PacerPlan): Pacer {
  const shape = countTransactions(plan);
  const { warmUpTransactions, transactions } = shape;
  const { warmUp, window } = plan.arrival === "poisson" ? atRandom(plan, shape) : evenly(plan, shape);
  const dueMs = (sequence: number) => {
    if (sequence < warmUpTransactions) return warmUp(sequence);
    return sequence < transactions ? window(sequence - warmUpTransactions) : Number.POSITIVE_INFINITY;
  };
  return { ...shape, dueMs };
}

/** When each is due, by its number in the warm-up, or in the window. */
interface Arrivals {
  readonly warmUp: (index: number) => number;
  readonly window: (index: number) => number;
}

/** The warm-up runs up to the window's first transaction, at the pace that it begins with. */
function evenly(plan: PacerPlan, { warmUpTransactions }: Pick<Pacer, "warmUpTransactions">): Arrivals {
  const firstTps = firstRateTps(plan);
  return {
    warmUp: (index) => ((index - warmUpTransactions) * 1000) / firstTps,
    window: plan.rates === undefined ? (index) => (index * 1000) / firstTps : openDueTimes(plan.rates).at,
  };
}

/**
 * Poisson arrivals, given how many fall into the warm-up and into the window: at a rate that changes they are those of
 * a steady one, pushed through the inverse of its integral.
 */
function atRandom(
  { seed, rates, warmUpMs, windowMs, windowTransactions }: PacerPlan,
  { warmUpTransactions }: Pick<Pacer, "warmUpTransactions">,
): Arrivals {
  const warmUp = openArrivals(`${seed}/warm-up`, warmUpTransactions);
  const window = openArrivals(`${seed}/window`, windowTransactions);
  const due = rates === undefined ? undefined : openDueTimes(rates);
  let asked = -1;
  let latestMs = Number.NEGATIVE_INFINITY;
  return {
    warmUp: (index) => (warmUp(index) - 1) * warmUpMs,
    window: (index) => {
      const ratio = window(index);
      const ms = due === undefined ? ratio * windowMs : due.at(ratio * due.transactions);
      // Two may lie so near to each other that what the inverse rounds would change their order.
      latestMs = index >= asked ? Math.max(ms, latestMs) : ms;
      asked = index;
      return latestMs;
    },
  };
}

/**
 * When so many transactions are due of a rate that changes: the inverse of the rate's integral over all pieces. Times are
 * milliseconds from the start of the window. Where nothing is offered for a while, the transaction that is due then
 * comes when something is offered again.
 *
 * Kept by a cursor: cheap as long as it is asked in rising order, whatever is left out.
 */
function openDueTimes(rates: readonly RatePiece[]) {
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
    /** Due in all, a fraction. */
    transactions: sum,
    at: (transactions: number): number => {
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

/**
 * The arrivals of a Poisson process, given how many there are: as many uniform random places between 0 and 1, in order.
 * The remaining n of them lie above the last one like n uniform ones, so the next is the least of n: its distance to 1
 * is the last one's times the n-th root of a uniform number (Devroye, Non-Uniform Random Variate Generation, 1986,
 * chapter V.2). As logarithms these are exponential gaps over n, added up.
 *
 * Kept by a cursor, not in a list: cheap as long as it goes forward. Those that are left out are drawn all the same, so
 * that how many clients share a run changes nothing of what is due when: each of them draws all of its arrivals, at some
 * 30 ns each, which is 3 % of a core at 1,000,000 tx/s.
 *
 * @returns place of the arrival with that number, from 0
 */
function openArrivals(seed: string, count: number): (index: number) => number {
  let [gaps, sum, at, latest] = [openGaps(seed), 0, -1, 0];
  return (index) => {
    if (index < at) [gaps, sum, at, latest] = [openGaps(seed), 0, -1, 0];
    if (index === at) return latest;
    for (; at < index; at++) sum += gaps() / (count - at - 1);
    latest = Math.min(-Math.expm1(-sum), largestBelowOne);
    return latest;
  };
}

const largestBelowOne = 1 - Number.EPSILON / 2;

/** Exponential gaps of mean 1. */
function openGaps(seed: string): () => number {
  const random = seededRandom(seed);
  return () => -Math.log(1 - random.nextRatio());
}
