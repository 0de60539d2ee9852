import type { RunResult } from "../contracts/result.ts";
import { clockBoundMs } from "./clock-certificate.ts";

/** Both clocks are read in whole milliseconds, rounded down, so their difference is off by less than this. */
const readingErrorMs = 1;

/** Whether a run's block ages say anything. */
export interface BlockAgeClaim {
  /**
   * Each age is off by less than this: what both clocks round off, and the furthest that a host's clock may have been
   * from the coordinator's. A block's time is that of one host or another. Absent where a clock is not known.
   */
  readonly errorMs?: number | undefined;
  /** The median is further from 0 than that. */
  readonly claimed: boolean;
}

/** Nodes of a local network have the coordinator's clock. */
export function blockAgeClaim({
  blockAge,
  links,
  parameters,
}: Pick<RunResult, "blockAge" | "links" | "parameters">): BlockAgeClaim {
  const apartMs = parameters.networkType === "local" ? 0 : clockBoundMs(links ?? {});
  if (apartMs === undefined) return { claimed: false };
  const errorMs = apartMs + readingErrorMs;
  return { errorMs, claimed: Math.abs(blockAge?.p50Ms ?? 0) > errorMs };
}
