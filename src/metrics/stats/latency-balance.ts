import type { LatencyKind, LatencySummary, Ledger } from "../../contracts/results/latency.ts";
import { acknowledgedTotal, committedTotal, sentTotal } from "./ledger.ts";

/**
 * Where latencies and ledger tell of different transactions; one sentence each, none where they agree.
 *
 * Every scheduled transaction has a commit and a response latency, measured or censored, and every sent one the other
 * two; what the ledger says was committed (acknowledged) is measured. Each has its lateness.
 */
export function latencyImbalances(
  ledger: Ledger,
  latency: Readonly<Partial<Record<LatencyKind, LatencySummary | undefined>>>,
  lateness: Pick<LatencySummary, "count" | "censored">,
): string[] {
  const { scheduled } = ledger;
  const [sent, committed, acknowledged] = [
    sentTotal(ledger),
    committedTotal(ledger),
    acknowledgedTotal(ledger),
  ];
  const wanted = [
    ["commit", latency.commit, committed, scheduled],
    ["commit service", latency.commitService, committed, sent],
    ["response", latency.response, acknowledged, scheduled],
    ["submit", latency.submit, acknowledged, sent],
    ["lateness", lateness, scheduled, scheduled],
  ] as const;
  return wanted.flatMap(([name, summary, measured, all]) => {
    if (summary === undefined) return [];
    const { count, censored } = summary;
    if (count === measured && count + censored === all) return [];
    return [
      `${name} was measured of ${count} transactions and not seen of ${censored}, where the ledger has ${measured} and ${all - measured}`,
    ];
  });
}
