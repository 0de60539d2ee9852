/** Comparisons of every shape, made from results by the real comparer. */

import type { SideRuns } from "../../src/contracts/results/comparison.ts";
import type { MeasuredRun } from "../../src/contracts/results/native/native.ts";
import type { RunResult } from "../../src/contracts/results/result.ts";
import { compareSweeps } from "../../src/results/analysis/comparison/compare.ts";
import { quietEnvironment } from "./sample-environments.ts";
import {
  censoredRun,
  generatorLimitedRun,
  invalidRun,
  noCommitRun,
  nothingSeenRun,
  validRun,
} from "./sample-results.ts";
import { doubledRun, routinesRun, routinesRunOf } from "./sample-routines.ts";

export interface Shape {
  readonly loadTps?: number;
  readonly throughputTps?: number;
  readonly meanMs?: number;
  readonly parameters?: Partial<RunResult["parameters"]>;
}

/** A valid run of this shape. */
export function runOf({ loadTps = 100, throughputTps = 95, meanMs = 45, parameters }: Shape = {}): RunResult {
  const { commit } = validRun.latency;
  return {
    ...validRun,
    parameters: { ...validRun.parameters, loadTps, ...parameters },
    throughputTps,
    efficiencyRatio: throughputTps / loadTps,
    latency: { ...validRun.latency, commit: commit && { ...commit, meanMs } },
  };
}

export function sideOf(path: string, runs: readonly MeasuredRun[]): SideRuns {
  return { path, networkType: runs[0]?.parameters.networkType ?? "local", runs };
}

const throughputs = [95, 96, 97, 96, 98];
/** Five runs: enough for a verdict on one load. */
export const repeated = (factor = 1, latencyFactor = 1): RunResult[] =>
  throughputs.map((tps, index) =>
    runOf({ throughputTps: tps * factor, meanMs: (45 + index) * latencyFactor }),
  );
const remote = { networkType: "remote", runtime: "docker", durationSecs: 60 } as const;

export const sampleComparisons = {
  one: compareSweeps(
    sideOf("benchmarks/first", [runOf(), runOf({ loadTps: 200, throughputTps: 190 })]),
    sideOf("benchmarks/second", [
      runOf({ throughputTps: 94.3, meanMs: 60.5, parameters: remote }),
      runOf({ loadTps: 500, parameters: remote }),
    ]),
  ),
  repeated: compareSweeps(sideOf("benchmarks/first", repeated()), sideOf("benchmarks/second", repeated(0.9))),
  mixed: compareSweeps(
    sideOf("benchmarks/first", repeated()),
    sideOf("benchmarks/second", repeated(1.2, 1.5)),
    {
      minEffectRatio: 0.02,
      calibration: {
        path: "benchmarks/calibration/calibration.json",
        noiseFloorRatio: (_, metric) => (metric === "throughput" ? 0.05 : 0.01),
      },
    },
  ),
  limited: compareSweeps(
    sideOf("benchmarks/first", [
      ...repeated().slice(1),
      { ...runOf(), verdict: generatorLimitedRun.verdict },
    ]),
    sideOf(
      "benchmarks/second",
      repeated(1.001).map((run) => ({
        ...run,
        environment: { ...quietEnvironment, disturbed: true, reasons: ["so"] },
      })),
    ),
  ),
  censored: compareSweeps(sideOf("a.json", [runOf({ loadTps: 200 })]), {
    ...sideOf("benchmarks/second", [censoredRun]),
    endedEarly: "Interrupted by SIGINT.",
  }),
  invalid: compareSweeps(
    sideOf("a.json", [validRun, invalidRun]),
    sideOf("b.json", [{ ...invalidRun, parameters: validRun.parameters }]),
  ),
  kinds: compareSweeps(
    sideOf("a.json", [validRun]),
    sideOf("b.json", [{ ...noCommitRun, parameters: validRun.parameters }]),
  ),
  "nothing-seen": compareSweeps(
    sideOf("a.json", [{ ...nothingSeenRun, verdict: { status: "valid", reasons: [] } }]),
    sideOf("b.json", [validRun]),
  ),
  routines: compareSweeps(
    sideOf("benchmarks/pinned", [routinesRun]),
    sideOf("benchmarks/doubling", [doubledRun]),
  ),
  "routines-apart": compareSweeps(
    sideOf("benchmarks/slow", [routinesRun]),
    sideOf("benchmarks/fast", [routinesRunOf({ peers: 4, messages: 203 })]),
  ),
  "nothing-common": compareSweeps(sideOf("a.json", [runOf({ loadTps: 50 })]), sideOf("b.json", [])),
};
