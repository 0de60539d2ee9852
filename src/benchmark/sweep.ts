import { availableParallelism } from "node:os";
import { publishedRun } from "../bundle/published-run.ts";
import type { BundleWriter } from "../bundle/writer.ts";
import type { ClientRuntime } from "../client/local-process.ts";
import type { SweepParameters } from "../config/parameters.ts";
import type { Deployer, DeploymentPlan, Leftover, Network } from "../contracts/deployment.ts";
import type { Emit, EventBody } from "../contracts/events.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { RunResult } from "../contracts/result.ts";
import type { Clock } from "../core/clock.ts";
import { BaleenError, ConfigurationError, describeError, InvalidArgumentError } from "../core/errors.ts";
import { withHelpers } from "../network/helpers.ts";
import { waitUntilReady } from "../network/readiness.ts";
import { saveHistograms, saveNodeLogs, saveNodeMetrics } from "./collect.ts";
import { describeEnvironment, type ToolFacts } from "./environment.ts";
import { judgeProbe } from "./judge-probe.ts";
import { betweenLinks, LinkWatch } from "./link-watch.ts";
import { effectiveOptions, planNetwork } from "./plan-network.ts";
import type { PlannedRun } from "./plan-runs.ts";
import { runOnce } from "./run.ts";
import { openSchedule } from "./schedule.ts";
import { findStockFaults } from "./stock-faults.ts";

/** What a sweep works with besides its parameters. */
export interface SweepDependencies {
  readonly protocol: Protocol;
  /** What is deployed, where it was planned before; else the protocol plans it. */
  readonly plan?: DeploymentPlan | undefined;
  readonly deployer: Deployer;
  /** What clients on this machine run with. */
  readonly clientRuntime: ClientRuntime;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Id of this sweep: label of all that it makes. */
  readonly run: string;
  /** Where results are kept; nothing is written without it. */
  readonly bundle?: BundleWriter | undefined;
  /** Runs that an earlier command has finished already; this one begins with the next. Default: none. */
  readonly finished?: readonly RunResult[];
  /** Versions of this tool and its Node.js, for environment.json. */
  readonly tool?: ToolFacts;
  /** Called when a load has ended and its file is written. */
  readonly onResult?: (result: RunResult) => void | Promise<void>;
}

export interface SweepOutcome {
  /** Of this command. */
  readonly results: readonly RunResult[];
  /** What the last network leaves behind, and how to remove it. */
  readonly leftover?: Leftover | undefined;
}

/**
 * Makes every run in order, each on a fresh network unless `keepNetwork`, and hands out each result as it ends.
 *
 * Whatever ends it (the last load, an error, the signal), the network it has at that moment is cleaned up as
 * `parameters.cleanup` says, and a `network-left` event tells what remains.
 *
 * @throws InvalidArgumentError for a system whose nodes make the load: see runNativeSweep
 */
export async function runSweep(asked: SweepParameters, deps: SweepDependencies): Promise<SweepOutcome> {
  const { deployer, run, signal } = deps;
  if (deps.protocol.native !== undefined) {
    throw new InvalidArgumentError(
      `The nodes of ${deps.protocol.name} make the load themselves. Use runNativeSweep.`,
    );
  }
  const parameters = { ...asked, protocolOptions: effectiveOptions(deps.protocol, asked) };
  const linkWatch = new LinkWatch(deps.clock);
  const emit: Emit = (body, source) => {
    linkWatch.observe(body);
    deps.emit(body, source);
  };
  const faults = findStockFaults(deps.protocol, parameters, availableParallelism());
  if (faults.length > 0) throw new ConfigurationError(faults);
  const plan = deps.plan ?? planNetwork(deps.protocol, parameters);
  const results: RunResult[] = [];
  const { search } = parameters;
  const schedule = openSchedule(parameters);
  const next = () => schedule.next([...(deps.finished ?? []), ...results]);
  let network: Network | undefined;
  try {
    for (let planned = next(); planned !== undefined; ) {
      signal.throwIfAborted();
      emit(creationOf(planned, parameters));
      network ??= withHelpers(
        await deployer.deploy(plan, { run, cleanup: parameters.cleanup, emit, signal }),
        plan,
      );
      // In a search nobody knows yet whether another run follows.
      const isLast = planned.benchmarkNumber === schedule.plannedRuns;
      const place = { isFirst: results.length === 0, isLast };
      const result = await runLoad({ ...planned, ...place, network, linkWatch }, parameters, deps);
      results.push(result);
      if (search !== undefined) emit({ type: "search-probe", ...judgeProbe(result, search) });
      planned = next();
      if (planned !== undefined && !parameters.keepNetwork) {
        const ended = network;
        network = undefined;
        await ended.stop("thorough");
      }
    }
  } catch (error) {
    // What ended the sweep is what gets told; what its end met with is a warning beside it.
    await leave(network, parameters, emit).catch((second: unknown) => {
      emit({
        type: "warning",
        message: second instanceof BaleenError ? second.message : describeError(second),
      });
    });
    throw error;
  }
  return { results, leftover: await leave(network, parameters, emit) };
}

/** Cleans up as was asked, and tells what remains. */
async function leave(
  network: Network | undefined,
  { cleanup }: SweepParameters,
  emit: Emit,
): Promise<Leftover | undefined> {
  const leftover = await network?.stop(cleanup);
  if (leftover !== undefined) emit({ type: "network-left", ...leftover });
  return leftover;
}

function creationOf(
  { benchmarkNumber, loadTps, repetition, repetitions = 1 }: PlannedRun,
  { profile }: SweepParameters,
): EventBody {
  const closed = profile.kind === "closed" ? ({ closedLoop: true } as const) : {};
  const created = { type: "run-created", benchmarkNumber, loadTps, ...closed } as const;
  return repetitions === 1 ? created : { ...created, repetition, repetitions };
}

interface Load extends PlannedRun {
  readonly network: Network;
  readonly linkWatch: LinkWatch;
  /** Of this command. */
  readonly isFirst: boolean;
  /** Of the sweep. */
  readonly isLast: boolean;
}

async function runLoad(load: Load, parameters: SweepParameters, deps: SweepDependencies): Promise<RunResult> {
  const { emit, bundle, signal, clock, protocol, clientRuntime } = deps;
  const { network, benchmarkNumber } = load;
  const isLeftRunning = network.runtime === "docker" && parameters.cleanup === "keep";
  try {
    if (load.isFirst) {
      const facts = describeEnvironment(deps.tool, await network.describe());
      await bundle?.writeEnvironment(facts, benchmarkNumber);
    }
    emit({ type: "network-step", step: "waiting until every node commits" });
    const { readyAfterMs } = await waitUntilReady(network, protocol, {
      timeoutMs: parameters.startupWaitSecs * 1000,
      signal,
      emit,
      clock,
    });
    emit({ type: "run-ready", benchmarkNumber, readyAfterMs });
    await bundle?.beginRun(benchmarkNumber);
    const { value, links } = await betweenLinks({ network, emit, clock, signal }, () => {
      emit({ type: "run-started", benchmarkNumber });
      return runOnce({
        ...load,
        protocol,
        parameters,
        clientRuntime,
        networkGoesOn: isLeftRunning || (parameters.keepNetwork && !load.isLast),
        clock,
        signal,
        onHostSecond: (row) => bundle?.appendHostSecond(benchmarkNumber, row),
        emit: keepSeconds({ bundle, benchmarkNumber, emit }),
      });
    });
    const result = publishedRun({ ...value.result, ...(links === undefined ? {} : { links }) });
    if (bundle !== undefined) {
      await saveHistograms(bundle, { ...value, result });
      await saveNodeMetrics(bundle, { ...value, result });
    }
    const file = await bundle?.writeRun(result);
    emit({
      type: "run-finished",
      benchmarkNumber,
      status: result.verdict.status,
      ...(file === undefined ? {} : { file }),
    });
    await deps.onResult?.(result);
    return result;
  } finally {
    if (bundle !== undefined) await saveNodeLogs(bundle, network, { benchmarkNumber, emit });
  }
}

/** Keeps what is told of each second; its histogram goes into the bundle alone. */
function keepSeconds({
  bundle,
  benchmarkNumber,
  emit,
}: Pick<SweepDependencies, "bundle" | "emit"> & Pick<Load, "benchmarkNumber">): Emit {
  return (body, source) => {
    if (body.type === "load-phase" && body.windowStartsAtMs !== undefined) {
      bundle?.beginSeconds(body.windowStartsAtMs);
    }
    if (body.type !== "load-second") return emit(body, source);
    bundle?.appendSecond(benchmarkNumber, body);
    const { histogram, ...told } = body;
    emit(told, source);
  };
}
