import { seededRandom } from "../../core/random.ts";
import type { ClientPlan } from "../client-plan.ts";

/** What the arrivals of a run follow from. */
export type PacerPlan = Pick<
  ClientPlan,
  "rateTps" | "arrival" | "seed" | "warmUpMs" | "windowTransactions" | "windowMs"
>;

/**
 * When each transaction is due, whatever became of the ones before it. Times are milliseconds from the start of the
 * measurement window, negative in the warm-up.
 */
export interface Pacer {
  /** Sequence numbers below this one belong to the warm-up. */
  readonly warmUpTransactions: number;
  /** All of the run's transactions: those of the warm-up, then those of the window. */
  readonly transactions: number;
  /**
   * Due time of the transaction with this sequence number, 0 to `transactions` - 1; Infinity from there on. It never
   * falls from one to the next. (Poisson arrivals are cheap to ask for in rising order only.)
   */
  readonly dueMs: (sequence: number) => number;
}

/** Builds the pacer of a plan. The same plan gives the same arrivals. */
export function buildPacer(plan: PacerPlan): Pacer {
  return plan.arrival === "constant" ? buildConstantPacer(plan) : buildPoissonPacer(plan);
}

const warmUpCount = (plan: PacerPlan) => Math.floor((plan.rateTps * plan.warmUpMs) / 1000);

/** Transaction i of the window is due at i / rate; the warm-up runs up to it at the same pace. */
function buildConstantPacer(plan: PacerPlan): Pacer {
  const warmUpTransactions = warmUpCount(plan);
  const transactions = warmUpTransactions + plan.windowTransactions;
  return {
    warmUpTransactions,
    transactions,
    dueMs: (sequence) =>
      sequence < transactions
        ? ((sequence - warmUpTransactions) * 1000) / plan.rateTps
        : Number.POSITIVE_INFINITY,
  };
}

/**
 * A Poisson process, given how many arrivals fall into the warm-up and into the window: exponential gaps, scaled so
 * that exactly that many do (partial sums of n + 1 exponential gaps over their total are distributed as n ordered
 * uniform arrivals; Devroye, Non-Uniform Random Variate Generation, 1986, theorem V.2.2).
 */
function buildPoissonPacer(plan: PacerPlan): Pacer {
  const warmUpTransactions = warmUpCount(plan);
  const transactions = warmUpTransactions + plan.windowTransactions;
  const warmUp = openArrivals(`${plan.seed}/warm-up`, warmUpTransactions, plan.warmUpMs);
  const window = openArrivals(`${plan.seed}/window`, plan.windowTransactions, plan.windowMs);
  return {
    warmUpTransactions,
    transactions,
    dueMs: (sequence) => {
      if (sequence < warmUpTransactions) return warmUp(sequence) - plan.warmUpMs;
      return sequence < transactions ? window(sequence - warmUpTransactions) : Number.POSITIVE_INFINITY;
    },
  };
}

/** Times of `count` arrivals in a span, by number. Kept by a cursor, not in a list: cheap as long as it goes forward. */
function openArrivals(seed: string, count: number, spanMs: number): (index: number) => number {
  const total = sumOfGaps(seed, count + 1);
  let [gaps, sum, at] = [openGaps(seed), 0, -1];
  return (index) => {
    if (index < at) [gaps, sum, at] = [openGaps(seed), 0, -1];
    for (; at < index; at++) sum += gaps();
    return (sum / total) * spanMs;
  };
}

function sumOfGaps(seed: string, count: number): number {
  const gaps = openGaps(seed);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += gaps();
  return sum;
}

/** Exponential gaps of mean 1. */
function openGaps(seed: string): () => number {
  const random = seededRandom(seed);
  return () => -Math.log(1 - random.nextRatio());
}
