import type { NativeResult } from "./native.ts";
import type { RunResult } from "./result.ts";

/** One load level, once, whoever made the load. */
export type MeasuredRun = RunResult | NativeResult;
