import type { HostFigures } from "../../contracts/hosts/host-load.ts";

/** Of a window's seconds so many may be unknown; in a short one a single second. */
const unknownRatio = 0.1;

/** In how much of a window a machine told what others did. */
export interface BackgroundCoverage {
  readonly seenSecs: number;
  readonly wholeSecs: number;
  /** Nearly all of it: what others did in the window is known. */
  readonly isEnough: boolean;
}

/** @param window what was seen of the machine; undefined: nothing */
export function backgroundCoverage(window: HostFigures | undefined, windowSecs: number): BackgroundCoverage {
  const wholeSecs = Math.max(1, Math.floor(windowSecs));
  const seenSecs = window?.backgroundSecs ?? 0;
  const mayLackSecs = Math.max(1, wholeSecs * unknownRatio);
  return { seenSecs, wholeSecs, isEnough: seenSecs > 0 && wholeSecs - seenSecs <= mayLackSecs };
}
