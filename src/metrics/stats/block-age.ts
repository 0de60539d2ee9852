import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import type { RunResult } from "../../contracts/results/result.ts";
import { clockBoundMs } from "./clock-certificate.ts";

/** Both clocks are read in whole milliseconds, rounded down, so their difference is off by less than this. */
const readingErrorMs = 1;

type ClockFacts = Pick<RunResult, "links" | "parameters" | "environment">;

/**
 * Whether a run's block ages say anything: `claimed` where the median is further from 0 than `errorMs`, by less than
 * which each age is off. That is what both clocks round off, and the furthest that a host's clock may have been from the
 * observer's, since a block's time is that of one host or another; absent where a clock is not known.
 */
export function blockAgeClaim({ blockAge, ...facts }: Pick<RunResult, "blockAge"> & ClockFacts): {
  readonly errorMs?: number;
  readonly claimed: boolean;
} {
  const apartMs = furthestApartMs(facts);
  if (apartMs === undefined) return { claimed: false };
  const errorMs = apartMs + readingErrorMs;
  return { errorMs, claimed: Math.abs(blockAge?.p50Ms ?? 0) > errorMs };
}

function furthestApartMs({ links, parameters, environment }: ClockFacts): number | undefined {
  if (parameters.networkType === "remote") {
    const boundMs = clockBoundMs(links ?? {});
    // An observer on a host reads that host's clock: two clocks lie between it and the coordinator's.
    return parameters.clientPlacement === undefined || boundMs === undefined ? boundMs : 2 * boundMs;
  }
  return parameters.runtime === "process" || isSeenHere(environment) ? 0 : undefined;
}

/** Containers' processes were seen here, so that their clock is this one; an engine's virtual machine has its own. */
function isSeenHere(environment: RunResult["environment"]): boolean {
  const coordinator = environment?.hosts.find(({ host }) => host === coordinatorName);
  return coordinator?.before?.backgroundMeanRatio !== undefined;
}
