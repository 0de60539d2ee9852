/** Baleen as a library: the runner, networks, pacers, statistics and their types. */

export { evaluateAssertions } from "./benchmark/assertions.ts";
export { baselineFaults } from "./benchmark/baseline.ts";
export { calibrateLoads } from "./benchmark/calibrate.ts";
export {
  type CompareTerms,
  compareSweeps,
  defaultTerms,
  runsForVerdict,
  type SideRuns,
} from "./benchmark/compare.ts";
export { concludeSweep } from "./benchmark/conclude.ts";
export type { ToolFacts } from "./benchmark/environment.ts";
export { type NativeDependencies, type NativeProtocol, runNativeSweep } from "./benchmark/native-sweep.ts";
export { type PhaseLengths, phaseLengths } from "./benchmark/phases.ts";
export { planNetwork } from "./benchmark/plan-network.ts";
export { type PlannedRun, planRuns } from "./benchmark/plan-runs.ts";
export { type RunOutcome, type RunRequest, runOnce } from "./benchmark/run.ts";
export { reportSearch } from "./benchmark/schedule.ts";
export { runSweep, type SweepDependencies, type SweepOutcome } from "./benchmark/sweep.ts";
export { type Evidence, judgeRun, latenessLimitMs } from "./benchmark/verdict.ts";
export { buildComparisonJson } from "./bundle/comparison-json.ts";
export { buildNativeRunJson } from "./bundle/native-json.ts";
export {
  buildNativeSummaryJson,
  type MeasuredSummary,
  type NativeSummary,
} from "./bundle/native-summary-json.ts";
export { type BundleOptions, openBundle } from "./bundle/open-bundle.ts";
export { parseNativeRunJson } from "./bundle/parse-native.ts";
export { parseRunJson } from "./bundle/parse-run.ts";
export { BundleReadError } from "./bundle/read-error.ts";
export { type BundleEnd, readBundle, readRun, type StoredBundle } from "./bundle/reader.ts";
export { buildRunJson } from "./bundle/run-json.ts";
export { buildSummaryJson, type SweepSummary } from "./bundle/summary-json.ts";
export type { BundleWriter } from "./bundle/writer.ts";
export type { ClientRuntime } from "./client/local-process.ts";
export { formatAssertion, parseAssertion } from "./config/assertion.ts";
export {
  type CheckedParameters,
  checkBoth,
  checkParameters,
  type GivenParameters,
  givenFrom,
} from "./config/check.ts";
export type { HostSources, HostsFile } from "./config/host-description.ts";
export {
  defaultParameters,
  defaultRemote,
  defaultSearch,
  type RemoteParameters,
  type SweepParameters,
} from "./config/parameters.ts";
export type {
  ChosenProtocol,
  DescriptionSource,
  ProtocolLimits,
  ProtocolReference,
} from "./config/protocol-choice.ts";
export type * from "./contracts/assertion.ts";
export type * from "./contracts/calibration.ts";
export type * from "./contracts/comparison.ts";
export type * from "./contracts/deployment.ts";
export type * from "./contracts/events.ts";
export type * from "./contracts/evidence.ts";
export type * from "./contracts/generator.ts";
export type * from "./contracts/host.ts";
export type * from "./contracts/host-load.ts";
export type * from "./contracts/load-profile.ts";
export type * from "./contracts/load-summary.ts";
export type * from "./contracts/native.ts";
export type * from "./contracts/protocol.ts";
export type * from "./contracts/protocol-facts.ts";
export type * from "./contracts/result.ts";
export type * from "./contracts/run-parameters.ts";
export type * from "./contracts/safety.ts";
export type * from "./contracts/search.ts";
export type * from "./contracts/transport.ts";
export { type Clock, systemClock } from "./core/clock.ts";
export {
  BaleenError,
  ConfigurationError,
  describeError,
  type Fault,
  InvalidArgumentError,
  TimeoutError,
} from "./core/errors.ts";
export { LockedError } from "./core/lock.ts";
export { FaultInjector, type FaultInjectorOptions } from "./faults/injector.ts";
export { runClient } from "./load/client.ts";
export type * from "./load/client-plan.ts";
export { buildPacer, type Pacer, type PacerPlan } from "./load/pacing/pacer.ts";
export {
  createDockerDeployer,
  type DockerDeployerOptions,
  type DockerProbe,
  type DockerTools,
  findDocker,
} from "./network/docker.ts";
export { acquireLock, type LockRequest } from "./network/lock.ts";
export { createProcessDeployer, type ProcessDeployerOptions } from "./network/process.ts";
export { waitUntilReady } from "./network/readiness.ts";
export { cometbft } from "./protocol/cometbft/cometbft.ts";
export { ethereum } from "./protocol/ethereum/ethereum.ts";
export { protocolFacts } from "./protocol/facts.ts";
export { mysticeti } from "./protocol/mysticeti.ts";
export { type FindProgram, type OpenedProtocol, openProtocol } from "./protocol/open.ts";
export { protocols } from "./protocol/registry.ts";
export { formatAssertions } from "./report/assertions.ts";
export { formatBenchmarkData } from "./report/benchmark-data.ts";
export { formatComparison } from "./report/comparison.ts";
export { formatJunit } from "./report/junit.ts";
export { formatLoadTable } from "./report/load-table.ts";
export { formatMarkdown } from "./report/markdown.ts";
export { formatNativeBlock, formatNativeTable } from "./report/native.ts";
export type { ReportedSweep } from "./report/reported-sweep.ts";
export { formatRunBlock } from "./report/run-block.ts";
export { formatSearch } from "./report/search.ts";
export { formatSummaryTable } from "./report/summary-table.ts";
export { BacklogTrend } from "./stats/backlog.ts";
export { Histogram } from "./stats/histogram.ts";
export { decodeHistogram, encodeHistogram, formatHistogramLog } from "./stats/hlog.ts";
export { LatencyRecord, summarizeLatency } from "./stats/latency-record.ts";
export {
  acknowledgedTotal,
  committedTotal,
  ledgerImbalance,
  mergeLedgers,
  sentTotal,
} from "./stats/ledger.ts";
export { summarizeLoads } from "./stats/load-summary.ts";
export {
  buildCrashTimeline,
  type CrashStretch,
  type CrashTerms,
  cutStretches,
  type Timeline,
  type TimelineEntry,
} from "./timeline/crashes.ts";
