/** All that is done to nodes and links in a run, and which parts of the run follow from it. */
import type { NodeStep, TimelineStep } from "../../contracts/links/timeline.ts";

/** In order; of two steps at one time the first comes first. */
export type Steps = readonly TimelineStep[];

/** Crash faults and a user's timeline, as one list. What would come at the end of the window or later is left out. */
export function joinSteps(crashes: readonly NodeStep[], timeline: Steps, windowMs: number): Steps {
  return [...crashes, ...timeline].filter(({ atMs }) => atMs < windowMs).sort((a, b) => a.atMs - b.atMs);
}

export const nodeStepsOf = (steps: Steps): readonly NodeStep[] =>
  steps.filter((step) => step.kind === "nodes");
