/** Latencies of a run and where its transactions ended. */
import { type Fields, type Of, record, type Spread } from "../../core/documents/form.ts";
import { amount, count, digits } from "../../core/documents/form-values.ts";
import { neverBoth } from "./bounded.ts";

/** A quantile, nearest-rank over all transactions due in the window. */
export interface Quantile {
  readonly ms: number;
  /** It falls among the transactions whose end was not seen, so the true value is this or more. */
  readonly atLeast: boolean;
}

/** `p99_ms`, or `p99_ms_at_least`, so that nobody takes a lower bound for a measured value. */
export function quantile(
  what: string,
  of = "this latency",
): Spread<Quantile> & { readonly presence: "optional" } {
  const bound = `falls among the transactions whose end was not seen, each counted at the age up to which it was watched`;
  return {
    spread: (name): Fields => ({
      [`${name}Ms`]: amount(
        `${what} of ${of}, nearest-rank over all transactions due in the window, milliseconds; absent where it falls among those whose end was not seen.`,
      ).optional(),
      [`${name}MsAtLeast`]: amount(
        `Lower bound of the ${what[0]?.toLowerCase()}${what.slice(1)} of ${of}, milliseconds, in place of ${name}_ms: it ${bound}.`,
      ).optional(),
    }),
    write: ({ ms, atLeast }, name) => ({ [atLeast ? `${name}MsAtLeast` : `${name}Ms`]: ms }),
    read: (found, name) => {
      const [ms, bound] = [found[`${name}Ms`], found[`${name}MsAtLeast`]] as (number | undefined)[];
      if (ms !== undefined) return { ms, atLeast: false };
      return bound === undefined ? undefined : { ms: bound, atLeast: true };
    },
    presence: "optional",
  };
}

export const latencyForm = record(
  "One kind of latency. Measured values are rounded to three decimals of a millisecond; what was not seen is left out, never 0.",
  {
    count: count("Transactions measured."),
    censored: count("Transactions due in the window for which this latency's end was never seen."),
    sumUs: digits(
      "Sum of the measured values, whole microseconds as decimal digits, so that no program rounds it; absent where there is none.",
    ).optional(),
    sumOfSquaresUs: digits(
      "Sum of the squares of the measured values, microseconds squared as decimal digits; with count and sum_us it gives mean_ms and std_dev_ms exactly.",
    )
      .keyed("sum_of_squares_us2")
      .optional(),
    meanMs: amount("Mean over the measured ones, milliseconds; absent where there is none.").optional(),
    stdDevMs: amount(
      "Sample standard deviation (n - 1) over the measured ones, milliseconds; absent below two.",
    ).optional(),
    minMs: amount("Least measured value, milliseconds.").optional(),
    p50: quantile("Median"),
    p90: quantile("90th percentile"),
    p95: quantile("95th percentile"),
    p99: quantile("99th percentile"),
    p999: quantile("99.9th percentile"),
    maxMs: amount("Largest measured value, milliseconds.").optional(),
  },
  { id: "latency", keywords: neverBoth("p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms") },
);

export interface LatencySummary extends Of<typeof latencyForm> {}

/** commit: due → commit seen; commitService: sent → commit seen; response: due → reply; submit: sent → reply. */
export type LatencyKind = "commit" | "commitService" | "response" | "submit";

/** Fates of a transaction that was sent, by its reply. */
export type ReplyFate = "acknowledged" | "rejected" | "timedOut" | "connectionFailed";

const cell = record(
  "Transactions with one kind of reply.",
  { committed: count("Seen committed."), notSeen: count("Not seen committed.") },
  { id: "cell" },
);

export const ledgerForm = record(
  "Where transactions due in the window ended: every one stands in exactly one place.",
  {
    scheduled: count("Transactions due in the window."),
    unsent: record("Never sent.", {
      dropped: count("Due when the queue was full."),
      cut: count("Still waiting when the run ended."),
    }),
    sent: record("Sent, by reply and by commit.", {
      acknowledged: cell.as("The node accepted it."),
      rejected: cell.as("The node refused it; see rejections."),
      timedOut: cell.as("No reply within request_timeout_ms."),
      connectionFailed: cell.as("The connection failed before a reply."),
    }),
    duplicateCommits: count("Apart from the balance: commits of transactions already committed."),
    unknownCommits: count(
      "Apart from the balance: commits of transactions of this run's form that were never scheduled.",
    ),
    forgottenCommits: count(
      "Apart from the balance: commits seen after their transactions had been let go as not seen, too late to be told from duplicates; those of the warm-up included.",
    ),
    lateSends: count("Offered later than the limit on lateness, by the load generator's own doing."),
  },
  { id: "ledger" },
);

/** scheduled = Σ cells + unsent.dropped + unsent.cut, or the run is invalid. */
export interface Ledger extends Of<typeof ledgerForm> {}
