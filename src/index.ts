/** Baleen as a library: the runner, networks, pacers, statistics and their types. */

export type * from "./contracts/deployment.ts";
export type * from "./contracts/events.ts";
export type * from "./contracts/hosts/host.ts";
export type * from "./contracts/hosts/host-load.ts";
export type * from "./contracts/hosts/host-report.ts";
export type * from "./contracts/links/matrix.ts";
export type { LinkShape } from "./contracts/links/shape.ts";
export type * from "./contracts/links/shaping.ts";
export type * from "./contracts/links/timeline.ts";
export type * from "./contracts/load/load-profile.ts";
export type * from "./contracts/load/transport.ts";
export type * from "./contracts/nodes/seen-node.ts";
export type {
  LinksParameters,
  RemoteParameters,
  SweepParameters,
  TimelineParameters,
} from "./contracts/parameters.ts";
export type * from "./contracts/protocol.ts";
export type {
  ChosenProtocol,
  DescriptionSource,
  ProtocolLimits,
  ProtocolReference,
} from "./contracts/protocol-choice.ts";
export type * from "./contracts/protocol-facts.ts";
export type * from "./contracts/results/assertion.ts";
export type * from "./contracts/results/calibration.ts";
export type * from "./contracts/results/comparison.ts";
export type * from "./contracts/results/faults.ts";
export type * from "./contracts/results/generator.ts";
export type * from "./contracts/results/history.ts";
export type * from "./contracts/results/latency.ts";
export type * from "./contracts/results/links/link-certificate.ts";
export type * from "./contracts/results/links/link-changes.ts";
export type * from "./contracts/results/load-summary.ts";
export type * from "./contracts/results/native/native.ts";
export type * from "./contracts/results/result.ts";
export type * from "./contracts/results/run-parameters.ts";
export type * from "./contracts/results/safety.ts";
export type * from "./contracts/results/search.ts";
export type * from "./contracts/results/verdict.ts";
export { type Clock, systemClock } from "./core/clock.ts";
export {
  BaleenError,
  ConfigurationError,
  type Diagnostic,
  describeError,
  InvalidArgumentError,
  TimeoutError,
} from "./core/errors.ts";
export { LockedError, type LockHolder } from "./core/process/lock.ts";
export { listSeenContainers } from "./deploy/containers/seen.ts";
export {
  createDockerDeployer,
  type DockerDeployerOptions,
  type DockerProbe,
  type DockerTools,
  findDocker,
} from "./deploy/docker/deployer.ts";
export { acquireLock, type LockRequest, readLock } from "./deploy/lock.ts";
export { waitUntilReady } from "./deploy/nodes/readiness.ts";
export { createProcessDeployer, type ProcessDeployerOptions } from "./deploy/process/deployer.ts";
export { listSeenProcesses } from "./deploy/process/folder.ts";
export { createRemoteDeployer, type RemoteDeployerOptions } from "./deploy/remote/deployer.ts";
export { openRemoteHosts, type RemoteHosts } from "./deploy/remote/hosts.ts";
export { resolveHosts } from "./deploy/ssh/config/resolve.ts";
export { connectHost, type SshOptions } from "./deploy/ssh/connect.ts";
export { defaultKnownHostsFiles } from "./deploy/ssh/keys/host-key.ts";
export { type NamedFiles, namedMaps, namedTimelines } from "./links/maps.ts";
export { type ParsedLinks, parseLinks } from "./links/parse.ts";
export { type ParsedTimeline, parseTimeline } from "./links/timeline/parse.ts";
export { runClient } from "./load/client/client.ts";
export { type PhaseLengths, phaseLengths } from "./load/level/phases.ts";
export { buildPacer, type Pacer, type PacerPlan } from "./load/pacing/pacer.ts";
export type * from "./load/plan/client-plan.ts";
export {
  buildCrashTimeline,
  type CrashOptions,
  type CrashSegment,
  cutSegments,
} from "./load/timeline/crashes.ts";
export { BacklogTrend } from "./metrics/stats/backlog.ts";
export { Histogram } from "./metrics/stats/histogram.ts";
export { decodeHistogram, encodeHistogram, formatHistogramLog } from "./metrics/stats/hlog.ts";
export { LatencyRecord, summarizeLatency } from "./metrics/stats/latency-record.ts";
export {
  acknowledgedTotal,
  committedTotal,
  ledgerImbalance,
  mergeLedgers,
  sentTotal,
} from "./metrics/stats/ledger.ts";
export { summarizeLoads } from "./metrics/stats/load-summary.ts";
export { checkBoth, checkParameters, givenFrom } from "./options/checks/check.ts";
export type { CheckedParameters, GivenParameters } from "./options/checks/given.ts";
export { defaultParameters, defaultRemote, defaultSearch } from "./options/defaults.ts";
export type { HostSources, HostsFile } from "./options/hosts/description.ts";
export { formatAssertion, parseAssertion } from "./options/rules/assertion.ts";
export { cometbft } from "./protocol/cometbft/cometbft.ts";
export { ethereum } from "./protocol/ethereum/ethereum.ts";
export { mysticeti } from "./protocol/mysticeti.ts";
export { type FindProgram, type OpenedProtocol, openProtocol, protocolFacts } from "./protocol/open.ts";
export { protocols } from "./protocol/registry.ts";
export { evaluateAssertions } from "./results/analysis/assertions/assertions.ts";
export { baselineDiagnostics } from "./results/analysis/assertions/baseline.ts";
export { calibrateLoads } from "./results/analysis/comparison/calibrate.ts";
export {
  type CompareOptions,
  compareSweeps,
  defaultCompareOptions,
} from "./results/analysis/comparison/compare.ts";
export { runsForVerdict } from "./results/analysis/comparison/compare-verdict.ts";
export { concludeSweep } from "./results/analysis/conclude.ts";
export { type HistoryOptions, historyChanges } from "./results/analysis/history/changes.ts";
export { checkHistory, type HistoryCase } from "./results/analysis/history/check.ts";
export type { KeyedEntry } from "./results/analysis/history/entries.ts";
export { type PlannedRun, planRuns, reportSearch } from "./results/analysis/schedule/schedule.ts";
export { type Evidence, judgeRun, latenessLimitMs } from "./results/analysis/verdict/verdict.ts";
export { buildComparisonJson } from "./results/bundle/comparison-files.ts";
export { readProgress, type SweepProgress } from "./results/bundle/events.ts";
export { type KeptLog, readKeptLogs } from "./results/bundle/kept-logs.ts";
export { type ListedBundle, type ListedSweep, listBundles } from "./results/bundle/list-bundles.ts";
export { type BundleOptions, openBundle } from "./results/bundle/open-bundle.ts";
export { type BundleEnd, readBundle, readRun, type StoredBundle } from "./results/bundle/reader.ts";
export type { BundleWriter } from "./results/bundle/writer.ts";
export { readHistoryEntries } from "./results/history/read-bundle.ts";
export { addToHistory, pruneHistory, readHistory, type StoredSeries } from "./results/history/store.ts";
export { formatAssertions } from "./results/report/blocks/assertions.ts";
export { formatComparison } from "./results/report/blocks/comparison.ts";
export { formatRunBlock } from "./results/report/blocks/run-block.ts";
export { formatSearch } from "./results/report/blocks/search.ts";
export { formatBenchmarkData } from "./results/report/documents/benchmark-data.ts";
export { formatJunit } from "./results/report/documents/junit.ts";
export { formatMarkdown } from "./results/report/documents/markdown.ts";
export { formatNativeBlock, formatNativeTable } from "./results/report/documents/native.ts";
export type { ReportedSweep } from "./results/report/documents/reported-sweep.ts";
export { formatLoadTable, formatSummaryTable } from "./results/report/tables/summary-table.ts";
export { buildNativeRunJson, parseNativeRunJson } from "./results/schema/published-run.ts";
export { BundleReadError } from "./results/schema/read-error.ts";
export { buildRunJson, parseRunJson } from "./results/schema/run.ts";
export {
  buildNativeSummaryJson,
  buildSummaryJson,
  type MeasuredSummary,
  type NativeSummary,
  type SweepSummary,
} from "./results/schema/summary.ts";
export type { ClientRuntime } from "./run/clients/local-placement.ts";
export { TimelineDriver, type TimelineDriverOptions } from "./run/faults/driver.ts";
export { planNetwork } from "./run/prepare/plan-network.ts";
export { runSweep, type SweepDependencies, type SweepOutcome } from "./run/sweep/sweep.ts";
export type { ToolFacts } from "./run/watch/environment.ts";
export type { RunOutcome, RunRequest } from "./run/watch/run-request.ts";
export { flowsWorkload } from "./run/workloads/flows/workload.ts";
export { messagesWorkload } from "./run/workloads/messages/workload.ts";
export { type NativeProtocol, nativeWorkload } from "./run/workloads/native/workload.ts";
export { runOnce } from "./run/workloads/transactions/run.ts";
export { transactionWorkload } from "./run/workloads/transactions/workload.ts";
export type { LevelRequest, Workload } from "./run/workloads/workload.ts";
export type * from "./server/client-page/browser/libraries/peer-library.ts";
export type * from "./server/client-page/browser/routines/routine.ts";
