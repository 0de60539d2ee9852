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
  const bound = `falls among the transactions whose end was not observed, each counted at its age when last observed`;
  return {
    spread: (name): Fields => ({
      [`${name}Ms`]: amount(
        `${what} of ${of}, nearest-rank over all transactions due in the window, milliseconds; omitted if it falls among those whose end was not observed.`,
      ).optional(),
      [`${name}MsAtLeast`]: amount(
        `Lower bound of the ${what[0]?.toLowerCase()}${what.slice(1)} of ${of}, milliseconds, instead of ${name}_ms: it ${bound}.`,
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
  "One kind of latency. Measured values are rounded to three decimals of a millisecond; values not observed are omitted, never 0.",
  {
    count: count("Transactions measured."),
    censored: count("Transactions due in the window for which the end of this latency was not observed."),
    sumUs: digits(
      "Sum of the measured values, whole microseconds as decimal digits, so that no program rounds it; omitted if nothing was measured.",
    ).optional(),
    sumOfSquaresUs: digits(
      "Sum of the squares of the measured values, microseconds squared as decimal digits; with count and sum_us it gives mean_ms and std_dev_ms exactly.",
    )
      .keyed("sum_of_squares_us2")
      .optional(),
    meanMs: amount("Mean of the measured values, milliseconds; omitted if there are none.").optional(),
    stdDevMs: amount(
      "Sample standard deviation (n - 1) of the measured values, milliseconds; omitted with fewer than two.",
    ).optional(),
    minMs: amount("Smallest measured value, milliseconds.").optional(),
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

/**
 * commit: due → commit seen; commitService: sent → commit seen; response: due → reply; submit: sent → reply. A reply is
 * an acceptance or a refusal; the others are those of one of the two, and need no bound: each has its reply.
 */
export const latencyKinds = [
  "commit",
  "commitService",
  "response",
  "responseAccepted",
  "responseRefused",
  "submit",
  "submitAccepted",
  "submitRefused",
] as const;

export type LatencyKind = (typeof latencyKinds)[number];

/** Fates of a transaction that was sent, by its reply. */
export type ReplyFate = "acknowledged" | "rejected" | "timedOut" | "connectionFailed";

const cell = record(
  "Transactions with one kind of reply.",
  { committed: count("Observed as committed."), notSeen: count("Not observed as committed.") },
  { id: "cell" },
);

export const ledgerForm = record(
  "Outcome of the transactions due in the window: each is counted exactly once.",
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
    duplicateCommits: count("Outside the balance: commits of transactions already committed."),
    unknownCommits: count(
      "Outside the balance: commits of transactions with this run's format that were never scheduled.",
    ),
    forgottenCommits: count(
      "Outside the balance: commits observed after their transactions had been given up as not observed, too late to be distinguished from duplicates; including those of the warm-up.",
    ),
    lateSends: count("Offered later than the lateness limit because of the load generator itself."),
  },
  { id: "ledger" },
);

/** scheduled = Σ cells + unsent.dropped + unsent.cut, or the run is invalid. */
export interface Ledger extends Of<typeof ledgerForm> {}
