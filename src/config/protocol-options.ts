import type { GivenParameters } from "./check.ts";
import { defaultParameters, defaultRemote, type SweepParameters } from "./parameters.ts";
import type { Reader } from "./rule.ts";
import { rules } from "./rules.ts";

/** Options of the protocol by its own names; those that nobody gives depend on how far the nodes are apart. */
export function readProtocolOptions(
  given: GivenParameters,
  { committee, side }: { readonly committee: number; readonly side: SweepParameters["networkType"] },
  { read, faults }: Reader,
): SweepParameters["protocolOptions"] {
  const usual = defaultParameters.protocolOptions;
  const usualTimeoutMs = side === "remote" ? defaultRemote.leaderTimeoutMs : usual.leaderTimeoutMs;
  const usualLeaders = Math.min(usual.leadersPerRound, committee);
  const leaders = read(rules.leadersPerRound, given.leadersPerRound, usualLeaders);
  if (leaders > committee) {
    faults.push({
      code: "invalid-value",
      message: `${given.leadersPerRound?.name ?? "leadersPerRound"}: ${leaders} leaders are more than the ${committee} nodes of the committee. Give at most ${committee}.`,
    });
  }
  return {
    minRoundDelayMs: read(rules.minRoundDelay, given.minRoundDelay, usual.minRoundDelayMs),
    leaderTimeoutMs: read(rules.leaderTimeout, given.leaderTimeout, usualTimeoutMs),
    leadersPerRound: leaders,
    blockSizeBytes: read(rules.blockSize, given.blockSize, usual.blockSizeBytes),
    mempoolSizeTransactions: read(rules.mempoolSize, given.mempoolSize, usual.mempoolSizeTransactions),
    logSync: read(rules.logSync, given.logSync, usual.logSync),
  };
}
