import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { countTransactions } from "../pacing/pacer.ts";
import { Share } from "../plan/share.ts";
import { countPieces, mostPieces } from "../timeline/profile.ts";
import { chooseForPlaces, clientUnit } from "./client-count.ts";
import { knownLoadsTps, phaseLengths } from "./phases.ts";
import { planLevel } from "./plan-level.ts";
import { findPoolDiagnostic } from "./pregenerated-pool.ts";

/**
 * Loads of which clients could not keep the transactions that are made ahead. Of a search, the first one alone: how far
 * it goes shows on the way. Hosts are taken to have cores enough, since nobody has asked them yet.
 *
 * @param cores of this machine
 */
export function findPoolDiagnostics(
  { transactions }: Pick<Protocol, "transactions">,
  parameters: SweepParameters,
  cores: number,
): Diagnostic[] {
  if (transactions.madeAhead !== true) return [];
  const loads = knownLoadsTps(parameters).slice(0, parameters.search === undefined ? undefined : 1);
  const unit = clientUnit(parameters) ?? { clients: 1, targets: 1 };
  const isHere = (parameters.remote?.clientPlacement ?? "coordinator") === "coordinator";
  const knownCores = isHere ? cores : Number.POSITIVE_INFINITY;
  return [...new Set(loads)].flatMap((loadTps) => {
    const lengths = phaseLengths(parameters, loadTps);
    // Refused already.
    if (countPieces(parameters.profile, lengths.windowSecs) > mostPieces) return [];
    const { load } = planLevel({ ...parameters, faults: 0 }, loadTps);
    const plan = {
      ...load,
      transactionSizeBytes: parameters.transactionSizeBytes,
      warmUpMs: lengths.warmUpSecs * 1000,
      windowMs: lengths.windowSecs * 1000,
      windowTransactions: lengths.windowTransactions,
    };
    const setting = { loadTps, rateTps: load.rateTps, cores: knownCores, isShared: false };
    const { clients: of } = chooseForPlaces(parameters, unit, setting);
    const share = new Share({ index: 0, of });
    const { transactions: runTransactions } = countTransactions(plan);
    const reason = findPoolDiagnostic({ plan, share, runTransactions });
    return reason === undefined ? [] : [{ code: "stock", message: `At a load of ${loadTps}: ${reason}` }];
  });
}
