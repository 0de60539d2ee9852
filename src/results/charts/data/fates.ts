/** Where the transactions of a run ended, as a bar is divided. */
import type { Ledger, ReplyFate } from "../../../contracts/results/latency.ts";
import { replyFates } from "../../../metrics/stats/ledger.ts";
import type { BarPart } from "../chart.ts";

/** What a reader asks of a ledger; each name has one colour everywhere. */
const fates = {
  committed: { name: "committed", colour: 0 },
  acknowledged: { name: "acknowledged, commit not seen", colour: 1 },
  rejected: { name: "rejected", colour: 2 },
  timedOut: { name: "timed out", colour: 3 },
  connectionFailed: { name: "connection failed", colour: 4 },
  unsent: { name: "never sent", colour: 5 },
} as const;

/**
 * The cells of a ledger that are not 0; their counts add up to `scheduled`. Those that committed are one, whatever their
 * reply.
 *
 * @param isObserved whether commits could be observed: else acknowledged ones have the place of committed ones
 */
export function fatesOf({ sent, unsent }: Ledger, isObserved: boolean): readonly BarPart[] {
  const sum = (of: (fate: ReplyFate) => number) => replyFates.reduce((all, fate) => all + of(fate), 0);
  const acknowledged = isObserved ? fates.acknowledged : { ...fates.committed, name: "acknowledged" };
  const parts: readonly BarPart[] = [
    { ...fates.committed, count: sum((fate) => sent[fate].committed) },
    { ...acknowledged, count: sent.acknowledged.notSeen },
    { ...fates.rejected, count: sent.rejected.notSeen },
    { ...fates.timedOut, count: sent.timedOut.notSeen },
    { ...fates.connectionFailed, count: sent.connectionFailed.notSeen },
    { ...fates.unsent, count: unsent.dropped + unsent.cut },
  ];
  return parts.filter(({ count }) => count > 0);
}
