import type { LinkLimits } from "../../../contracts/results/links/link-certificate.ts";

/** docs/links.md gives the reasons. */
export const linkLimits: LinkLimits = {
  delayMs: 1,
  delayRatio: 0.05,
  lossRatio: 0.002,
  lossShareRatio: 0.1,
  goodputRatio: 0.1,
  jitterRatio: 0.15,
  duringMs: 3,
  duringRatio: 0.2,
  earlyInRow: 3,
  earlyRatio: 0.05,
  lateInRow: 6,
  lateRatio: 0.5,
  stallMs: 500,
  shaperMs: 1,
  shaperRatio: 0.02,
};

/** Links that follow nodes later than this do not have the shapes that were asked for when they were. */
export const moveLateLimitMs = 100;

/** Below it a spread is not judged: it says more of the machine than of the link. */
export const leastJudgedJitterMs = 1;
