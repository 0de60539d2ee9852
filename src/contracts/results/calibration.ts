/** What two identical sides were seen to differ by, so that no such difference is taken for one of systems. */

import type { LoadKind } from "../load/load-profile.ts";
import type { ComparedMetric, Interval } from "./comparison.ts";

/** One metric of an A/A comparison at one load. */
export interface CalibratedMetric {
  /** Of side B to side A, which are the same. */
  readonly ratio: number;
  /** 95 % confidence interval of the ratio. */
  readonly confidence: Interval;
  /** The larger of |low - 1| and |high - 1|: differences up to this are seen without there being one. */
  readonly noiseFloorRatio: number;
}

export interface CalibratedLoad {
  readonly loadTps: number;
  /** What the load is. */
  readonly loadKind: LoadKind;
  /** Runs of each side that count. */
  readonly runsA: number;
  readonly runsB: number;
  /** By published name, all but the load: a noise floor holds for what was measured in the same way. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Absent where it could not be compared. */
  readonly metrics: Readonly<Partial<Record<ComparedMetric, CalibratedMetric>>>;
}

export interface Calibration {
  readonly networkType: "local" | "remote";
  /** Wall time of its end, RFC 3339 UTC. */
  readonly timestamp: string;
  /** Version and machine, plain JSON. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** By load. */
  readonly loads: readonly CalibratedLoad[];
}
