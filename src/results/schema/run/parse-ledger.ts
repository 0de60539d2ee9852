/** The inverse of ledger-json.ts. */
import type { Ledger } from "../../../contracts/results/result.ts";
import type { Fields } from "../fields.ts";

export function parseLedger(fields: Fields): Ledger {
  const unsent = fields.object("unsent");
  const sent = fields.object("sent");
  const cell = (key: string) => {
    const counts = sent.object(key);
    return { committed: counts.count("committed"), notSeen: counts.count("not_seen") };
  };
  return {
    scheduled: fields.count("scheduled"),
    unsent: { dropped: unsent.count("dropped"), cut: unsent.count("cut") },
    sent: {
      acknowledged: cell("acknowledged"),
      rejected: cell("rejected"),
      timedOut: cell("timed_out"),
      connectionFailed: cell("connection_failed"),
    },
    duplicateCommits: fields.count("duplicate_commits"),
    unknownCommits: fields.count("unknown_commits"),
    forgottenCommits: fields.count("forgotten_commits"),
    lateSends: fields.count("late_sends"),
  };
}
