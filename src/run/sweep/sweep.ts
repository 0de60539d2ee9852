import { availableParallelism } from "node:os";
import type { Deployer, DeploymentPlan, Leftover, Network } from "../../contracts/deployment.ts";
import type { Emit, EventBody } from "../../contracts/events.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import type { RunResult } from "../../contracts/results/result.ts";
import { BaleenError, ConfigurationError, describeError } from "../../core/errors.ts";
import { withHelpers } from "../../deploy/nodes/planned.ts";
import { waitUntilReady } from "../../deploy/nodes/readiness.ts";
import { phaseLengths } from "../../load/level/phases.ts";
import { runFigures } from "../../metrics/stats/run-metrics.ts";
import type { FindProgram } from "../../protocol/open.ts";
import { judgeProbe, openSchedule, type PlannedRun } from "../../results/analysis/schedule/schedule.ts";
import type { BundleWriter } from "../../results/bundle/writer.ts";
import { effectiveOptions, planNetwork } from "../prepare/plan-network.ts";
import { saveNodeLogs } from "../watch/collect.ts";
import { describeEnvironment, type ToolFacts } from "../watch/environment.ts";
import { LinkWatch } from "../watch/link-watch.ts";
import type { RunRequest } from "../watch/run-request.ts";
import { transactionWorkload } from "../workloads/transactions/workload.ts";
import type { LevelRequest, Workload } from "../workloads/workload.ts";

/** What a sweep works with besides its parameters. */
export interface SweepDependencies<Run extends MeasuredRun = RunResult>
  extends Pick<RunRequest, "protocol" | "clientRuntime" | "emit" | "clock" | "signal" | "manual"> {
  /** Default: transactions that clients submit. */
  readonly workload?: Workload<Run> | undefined;
  /** As planned and checked before; absent: the protocol plans it, and the workload is checked first. */
  readonly plan?: DeploymentPlan | undefined;
  /** Looks for a foreign program of which neither user nor adapter say where it is. */
  readonly findProgram?: FindProgram | undefined;
  readonly deployer: Deployer;
  /** Id of this sweep: label of all that it makes. */
  readonly run: string;
  /** Where results are kept; nothing is written without it. */
  readonly bundle?: BundleWriter | undefined;
  /** Runs that an earlier command has finished already; this one begins with the next. Default: none. */
  readonly finished?: readonly Run[];
  /** It pauses when there are so many finished runs, earlier ones too. Default: at its end. */
  readonly untilRuns?: number | undefined;
  /** Versions of this tool and its Node.js, for environment.json. */
  readonly tool?: ToolFacts;
  /** Called when a load has ended and its file is written. */
  readonly onResult?: (result: Run) => void | Promise<void>;
}

export interface SweepOutcome<Run extends MeasuredRun = RunResult> {
  /** Of this command. */
  readonly results: readonly Run[];
  /** What the last network leaves behind, and how to remove it. */
  readonly leftover?: Leftover | undefined;
}

interface SweepSetting<Run extends MeasuredRun> extends SweepDependencies<Run> {
  readonly workload: Workload<Run>;
}

/**
 * Makes every run in order, each on a fresh network unless `keepNetwork`, and hands out each result as it ends.
 * Whatever ends it (the last load, an error, the signal), its network is cleaned up as `parameters.cleanup` says, and a
 * `network-left` event tells what remains.
 * @throws ConfigurationError where the workload cannot measure so; InvalidArgumentError for a system that is none for
 *   it
 */
export async function runSweep<Run extends MeasuredRun = RunResult>(
  asked: SweepParameters,
  { workload: chosen, ...deps }: SweepDependencies<Run>,
): Promise<SweepOutcome<Run>> {
  // Without one, runs are of its kind.
  const workload = chosen ?? (transactionWorkload as Workload as Workload<Run>);
  const { signal } = deps;
  const parameters = { ...asked, protocolOptions: effectiveOptions(deps.protocol, asked) };
  const linkWatch = new LinkWatch(deps.clock);
  const emit: Emit = (body, source) => {
    linkWatch.observe(body);
    deps.emit(body, source);
  };
  if (deps.plan === undefined) {
    const diagnostics = workload.check(deps.protocol, parameters, availableParallelism());
    if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  }
  const setting = { ...deps, workload, emit };
  const results: Run[] = [];
  const { search } = parameters;
  const schedule = openSchedule(parameters);
  const next = () => {
    const finished = [...(deps.finished ?? []), ...results];
    return finished.length >= (deps.untilRuns ?? Number.POSITIVE_INFINITY)
      ? undefined
      : schedule.next(finished);
  };
  // What its nodes are told of a level, no other level's network can be told.
  const keepsNetwork = parameters.keepNetwork && workload.nodeLoad === undefined;
  let network: Network | undefined;
  let planned: Pick<DeploymentPlan, "links" | "edges"> = {};
  try {
    for (let run = next(); run !== undefined; ) {
      signal.throwIfAborted();
      emit(creationOf(run, parameters));
      if (network === undefined) {
        const plan = planOf(run.loadTps, parameters, setting);
        planned = { links: plan.links, edges: plan.edges };
        network = await deploy(plan, parameters, setting);
      }
      // In a search nobody knows yet whether another run follows.
      const isLast = run.benchmarkNumber === schedule.plannedRuns;
      const goesOn =
        (parameters.cleanup === "keep" && network.runtime === "docker") || (keepsNetwork && !isLast);
      const level = { ...run, ...planned, network, linkWatch, networkGoesOn: goesOn };
      const result = await runLevel({ ...level, isFirst: results.length === 0 }, parameters, setting);
      results.push(result);
      if (search !== undefined && result.kind !== "native") {
        emit({ type: "search-probe", ...judgeProbe(result, search) });
      }
      run = next();
      if (run !== undefined && !keepsNetwork) {
        const ended = network;
        network = undefined;
        await ended.stop("thorough");
      }
    }
  } catch (error) {
    // What ended the sweep is what gets told; what its end met with is a warning beside it.
    await leave(network, parameters, emit).catch((second: unknown) => {
      const message = second instanceof BaleenError ? second.message : describeError(second);
      emit({ type: "warning", message });
    });
    throw error;
  }
  return { results, leftover: await leave(network, parameters, emit) };
}

function planOf<Run extends MeasuredRun>(
  loadTps: number,
  parameters: SweepParameters,
  { workload, protocol, findProgram, plan }: SweepSetting<Run>,
): DeploymentPlan {
  const planned = plan ?? planNetwork(protocol, parameters, findProgram);
  const load = workload.nodeLoad?.(parameters, loadTps, planned);
  return load === undefined ? planned : planNetwork(protocol, parameters, findProgram, load);
}

async function deploy<Run extends MeasuredRun>(
  plan: DeploymentPlan,
  parameters: SweepParameters,
  { deployer, run, emit, signal }: SweepSetting<Run>,
): Promise<Network> {
  const options = { run, cleanup: parameters.cleanup, emit, signal };
  return withHelpers(await deployer.deploy(plan, options), plan);
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
  parameters: SweepParameters,
): EventBody {
  const { profile, drainSecs } = parameters;
  const { warmUpSecs, windowSecs } = phaseLengths(parameters, loadTps);
  const closed = profile.kind === "closed" ? ({ closedLoop: true } as const) : {};
  const lengths = { warmUpSecs, windowSecs, drainSecs };
  const created = { type: "run-created", benchmarkNumber, loadTps, ...closed, ...lengths } as const;
  return repetitions === 1 ? created : { ...created, repetition, repetitions };
}

interface Level
  extends PlannedRun,
    Pick<LevelRequest, "network" | "links" | "edges" | "networkGoesOn" | "linkWatch"> {
  /** Of this command. */
  readonly isFirst: boolean;
}

async function runLevel<Run extends MeasuredRun>(
  level: Level,
  parameters: SweepParameters,
  setting: SweepSetting<Run>,
): Promise<Run> {
  const { workload, emit, bundle, signal, clock, protocol, clientRuntime, manual } = setting;
  const { network, benchmarkNumber } = level;
  try {
    if (level.isFirst) {
      const facts = describeEnvironment(setting.tool, await network.describe());
      await bundle?.writeEnvironment(facts, benchmarkNumber);
    }
    emit({ type: "network-step", step: `waiting ${workload.readiness}` });
    const timeoutMs = parameters.startupWaitSecs * 1000;
    const { readyAfterMs } = await waitUntilReady(network, protocol, { timeoutMs, signal, emit, clock });
    emit({ type: "run-ready", benchmarkNumber, readyAfterMs });
    const common = { protocol, parameters, clientRuntime, bundle, emit, clock, signal, manual };
    const result = await workload.measure({ ...level, ...common });
    const file = await bundle?.writeRun(result);
    const { status } = result.verdict;
    emit({
      type: "run-finished",
      benchmarkNumber,
      status,
      ...(file === undefined ? {} : { file }),
      figures: runFigures(result),
    });
    await setting.onResult?.(result);
    return result;
  } finally {
    if (bundle !== undefined) await saveNodeLogs(bundle, network, { benchmarkNumber, emit });
  }
}
