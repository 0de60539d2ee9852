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
  const { rates } = plan;
  const firstTps = firstRateTps(plan);
  const shape = countTransactions(plan);
  const { warmUpTransactions, transactions } = shape;
  if (plan.arrival === "poisson") return { ...shape, dueMs: atRandom(plan, shape) };
  // The warm-up runs up to the window's first transaction, at the pace that it begins with.
  const warmUp = (sequence: number) => ((sequence - warmUpTransactions) * 1000) / firstTps;
  if (rates === undefined) {
    const dueMs = (sequence: number) =>
      sequence < transactions ? warmUp(sequence) : Number.POSITIVE_INFINITY;
    return { ...shape, dueMs };
  }
  const { at } = openDueTimes(rates);
  const dueMs = (sequence: number) => {
    if (sequence < warmUpTransactions) return warmUp(sequence);
    return sequence < transactions ? at(sequence - warmUpTransactions) : Number.POSITIVE_INFINITY;
  };
  return { ...shape, dueMs };
}

/**
 * Poisson arrivals, given how many fall into the warm-up and into the window: at a rate that changes they are those of
 * a steady one, pushed through the inverse of its integral.
 */
function atRandom(
  { seed, rates, warmUpMs, windowMs, windowTransactions }: PacerPlan,
  { warmUpTransactions, transactions }: Pick<Pacer, "warmUpTransactions" | "transactions">,
): Pacer["dueMs"] {
  const warmUp = openArrivals(`${seed}/warm-up`, warmUpTransactions);
  const window = openArrivals(`${seed}/window`, windowTransactions);
  const due = rates === undefined ? undefined : openDueTimes(rates);
  let asked = -1;
  let latestMs = Number.NEGATIVE_INFINITY;
  return (sequence) => {
    if (sequence < warmUpTransactions) return (warmUp(sequence) - 1) * warmUpMs;
    if (sequence >= transactions) return Number.POSITIVE_INFINITY;
    const ratio = window(sequence - warmUpTransactions);
    const ms = due === undefined ? ratio * windowMs : due.at(ratio * due.transactions);
    // Two may lie so near to each other that what the inverse rounds would change their order.
    latestMs = sequence >= asked ? Math.max(ms, latestMs) : ms;
    asked = sequence;
    return latestMs;
  };
}
