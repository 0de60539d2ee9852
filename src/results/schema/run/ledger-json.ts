import type { Ledger } from "../../../contracts/results/result.ts";

/** Where the transactions ended, as published. */
export function ledgerJson({ scheduled, unsent, sent, ...apart }: Ledger) {
  const cell = (count: { committed: number; notSeen: number }) => ({
    committed: count.committed,
    not_seen: count.notSeen,
  });
  return {
    scheduled,
    unsent: { dropped: unsent.dropped, cut: unsent.cut },
    sent: {
      acknowledged: cell(sent.acknowledged),
      rejected: cell(sent.rejected),
      timed_out: cell(sent.timedOut),
      connection_failed: cell(sent.connectionFailed),
    },
    duplicate_commits: apart.duplicateCommits,
    unknown_commits: apart.unknownCommits,
    forgotten_commits: apart.forgottenCommits,
    late_sends: apart.lateSends,
  };
}
