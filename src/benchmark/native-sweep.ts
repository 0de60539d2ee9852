import type { BundleWriter } from "../bundle/writer.ts";
import type { SweepParameters } from "../config/parameters.ts";
import type { Deployer, Leftover, Network } from "../contracts/deployment.ts";
import type { Emit } from "../contracts/events.ts";
import type { NativeCounters, NativeResult, NodeLoad } from "../contracts/native.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import { withHelpers } from "../network/helpers.ts";
import { waitUntilReady } from "../network/readiness.ts";
import { saveNodeLogs } from "./collect.ts";
import { describeEnvironment, type ToolFacts } from "./environment.ts";
import { runNative } from "./native-run.ts";
import { phaseLengths } from "./phases.ts";
import { effectiveOptions, planNetwork } from "./plan-network.ts";
import { type PlannedRun, planRuns } from "./plan-runs.ts";

/** A system whose nodes make the load, and tell of it. */
export type NativeProtocol = Protocol & { readonly native: NativeCounters };

/** What a sweep over loads that the nodes make works with besides its parameters. */
export interface NativeDependencies {
  readonly protocol: NativeProtocol;
  readonly deployer: Deployer;
  readonly findProgram: (name: string) => string | undefined;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Id of this sweep: label of all that it makes. */
  readonly run: string;
  readonly bundle?: BundleWriter | undefined;
  /** Runs that an earlier command has finished already; this one begins with the next. Default: none. */
  readonly finished?: readonly NativeResult[] | undefined;
  readonly tool?: ToolFacts | undefined;
  /** Called when a load has ended and its file is written. */
  readonly onResult?: (result: NativeResult) => void;
}

/**
 * Makes every run in order, each on a network of its own, whose nodes are told its load when they are configured.
 *
 * @returns what the last network leaves behind
 */
export async function runNativeSweep(
  asked: SweepParameters,
  deps: NativeDependencies,
): Promise<{ readonly leftover?: Leftover | undefined }> {
  const parameters = { ...asked, protocolOptions: effectiveOptions(deps.protocol, asked) };
  const { emit, signal } = deps;
  const runs = planRuns(parameters).slice(deps.finished?.length);
  let network: Network | undefined;
  try {
    for (const planned of runs) {
      signal.throwIfAborted();
      await network?.stop("thorough");
      network = undefined;
      const { benchmarkNumber, loadTps } = planned;
      emit({ type: "run-created", benchmarkNumber, loadTps });
      const load = loadOf(parameters, loadTps);
      const { findProgram, deployer, protocol, run } = deps;
      const plan = planNetwork(protocol, parameters, findProgram, load);
      const options = { run, cleanup: parameters.cleanup, emit, signal };
      network = withHelpers(await deployer.deploy(plan, options), plan);
      await runLoad({ planned, network, load }, parameters, deps);
    }
  } catch (error) {
    await leave(network, parameters, emit).catch((second: unknown) =>
      emit({ type: "warning", message: describeError(second) }),
    );
    throw error;
  }
  return { leftover: await leave(network, parameters, emit) };
}

function loadOf(parameters: SweepParameters, loadTps: number): NodeLoad {
  const { warmUpSecs, windowSecs } = phaseLengths(parameters, loadTps);
  const { transactionSizeBytes } = parameters;
  return { rateTps: loadTps, transactionSizeBytes, warmUpSecs, durationSecs: windowSecs };
}

async function leave(network: Network | undefined, { cleanup }: SweepParameters, emit: Emit) {
  const leftover = await network?.stop(cleanup);
  if (leftover !== undefined) emit({ type: "network-left", ...leftover });
  return leftover;
}

async function runLoad(
  { planned, network, load }: { planned: PlannedRun; network: Network; load: NodeLoad },
  parameters: SweepParameters,
  deps: NativeDependencies,
): Promise<void> {
  const { emit, bundle, signal, clock, protocol } = deps;
  const { benchmarkNumber } = planned;
  try {
    if (benchmarkNumber === (deps.finished ?? []).length + 1) {
      const facts = describeEnvironment(deps.tool, await network.describe());
      await bundle?.writeEnvironment(facts, benchmarkNumber);
    }
    emit({ type: "network-step", step: "waiting until every node is ready" });
    const timeoutMs = parameters.startupWaitSecs * 1000;
    const { readyAfterMs } = await waitUntilReady(network, protocol, { timeoutMs, signal, emit, clock });
    emit({ type: "run-ready", benchmarkNumber, readyAfterMs });
    emit({ type: "run-started", benchmarkNumber });
    const { result, metricsText } = await runNative({
      ...planned,
      network,
      protocol,
      parameters,
      load,
      onHostSecond: (row) => bundle?.appendHostSecond(benchmarkNumber, row),
      emit,
      clock,
      signal,
    });
    if (metricsText !== undefined) await bundle?.writeNodeMetrics(benchmarkNumber, metricsText);
    const file = await bundle?.writeRun(result);
    const { status } = result.verdict;
    emit({ type: "run-finished", benchmarkNumber, status, ...(file === undefined ? {} : { file }) });
    deps.onResult?.(result);
  } finally {
    if (bundle !== undefined) await saveNodeLogs(bundle, network, { benchmarkNumber, emit });
  }
}
