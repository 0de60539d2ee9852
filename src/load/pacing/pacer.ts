import type { ClientPlan } from "../plan/client-plan.ts";
import { openArrivals } from "./arrivals.ts";
import { openDueTimes } from "./varying.ts";

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
