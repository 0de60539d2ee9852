/** Baleen as a library: the runner, networks, pacers, statistics and their types. */

export { type PhaseLengths, phaseLengths } from "./benchmark/phases.ts";
export { type RunOutcome, type RunRequest, runOnce } from "./benchmark/run.ts";
export { runSweep, type SweepDependencies, type SweepOutcome } from "./benchmark/sweep.ts";
export { type Evidence, judgeRun, latenessLimitMs } from "./benchmark/verdict.ts";
export { buildRunJson } from "./bundle/run-json.ts";
export { type BundleWriter, openBundle } from "./bundle/writer.ts";
export { defaultParameters, type SweepParameters } from "./config/parameters.ts";
export type * from "./contracts/deployment.ts";
export type * from "./contracts/events.ts";
export type * from "./contracts/protocol.ts";
export type * from "./contracts/result.ts";
export { type Clock, systemClock } from "./core/clock.ts";
export { BaleenError, ConfigurationError, describeError, type Fault, TimeoutError } from "./core/errors.ts";
export { runClient } from "./load/client.ts";
export type * from "./load/client-plan.ts";
export { buildPacer, type Pacer, type PacerPlan } from "./load/pacer.ts";
export { createDockerDeployer, findDocker } from "./network/docker.ts";
export { createProcessDeployer } from "./network/process.ts";
export { waitUntilReady } from "./network/readiness.ts";
export { mysticeti } from "./protocol/mysticeti.ts";
export { formatRunBlock } from "./report/run-block.ts";
export { formatSummaryTable } from "./report/summary-table.ts";
export { Histogram } from "./stats/histogram.ts";
export { LatencyRecord, summarizeLatency } from "./stats/latency-record.ts";
