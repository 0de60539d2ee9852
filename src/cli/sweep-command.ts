import { availableParallelism } from "node:os";
import { planNetwork } from "../benchmark/plan-network.ts";
import { findStockFaults } from "../benchmark/stock-faults.ts";
import type { HeldBundle } from "../bundle/continue.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { checkOutputDir } from "../bundle/output-dir.ts";
import type { BundleWriter } from "../bundle/writer.ts";
import type { SweepParameters } from "../config/parameters.ts";
import type { DeploymentPlan } from "../contracts/deployment.ts";
import type { Fault } from "../core/errors.ts";
import { openBaseline } from "./baseline.ts";
import { commandLine } from "./command-line.ts";
import { type CommandContext, type ExitCode, exitCodeOf } from "./context.ts";
import { makesLoad, runNativePrepared } from "./native-sweep.ts";
import { type Check, preflight } from "./preflight.ts";
import type { ReportFiles } from "./report-files.ts";
import type { ChosenDeployer, Rooms, SweepOccasion } from "./rooms.ts";
import { secureRpc } from "./rpc-tls.ts";
import { newRunId } from "./run-id.ts";
import { type EarlierRuns, type PreparedSweep, runPrepared, type SweepStyle } from "./sweep-run.ts";
import type { CheckedSweep } from "./system.ts";

export type { SweepStyle } from "./sweep-run.ts";

/** A sweep as it was asked for. */
export interface RequestedSweep extends CheckedSweep {
  /** The bundle of an earlier command that it goes on with. */
  readonly held?: HeldBundle;
  /** Files for pipelines. */
  readonly reports?: ReportFiles;
}

/**
 * Plans a sweep's network, chooses its deployer, and lets that look for what would keep it from working. Disposing lets
 * go of what the deployer holds.
 */
export function chooseDeployer(
  { parameters, protocol }: Pick<CheckedSweep, "parameters" | "protocol">,
  occasion: SweepOccasion,
  rooms: Rooms,
) {
  let plan: DeploymentPlan | undefined;
  let chosen: ChosenDeployer | undefined;
  const check: Check = async (signal) => {
    plan = protocol && planNetwork(protocol, parameters, rooms.findProgram);
    chosen = secureRpc(await rooms.chooseDeployer(parameters, occasion, signal), parameters);
    const found = plan === undefined ? undefined : await chosen.deployer?.check(plan, signal);
    const stock = protocol && findStockFaults(protocol, parameters, availableParallelism());
    return [...chosen.faults, ...(stock ?? []), ...(found ?? [])];
  };
  /** Once the check has found no fault. */
  const choice = (): Pick<PreparedSweep, "protocol" | "plan" | "deployer" | "facts"> => {
    const { deployer, reason } = chosen ?? {};
    if (deployer === undefined || plan === undefined || protocol === undefined) {
      throw new TypeError("no protocol or no deployer was chosen, and no reason given");
    }
    return { protocol, plan, deployer, facts: { runtime: deployer.runtime, runtimeReason: reason } };
  };
  return { check, choice, [Symbol.asyncDispose]: async () => await chosen?.deployer?.close?.() };
}

/**
 * Takes this machine's lock as a check; disposing gives it back, if it was taken. Remote sweeps hold the locks of
 * their hosts instead: this machine may drive several.
 */
export function lockMachine(
  run: string,
  networkType: SweepParameters["networkType"],
  rooms: Pick<Rooms, "lock">,
): AsyncDisposable & { check: Check } {
  let lock: AsyncDisposable | undefined;
  return {
    check: async (signal) => {
      if (networkType === "remote") return [];
      lock = await rooms.lock(run, signal);
      return [];
    },
    [Symbol.asyncDispose]: async () => await lock?.[Symbol.asyncDispose](),
  };
}

/** Whether results can be written, where they are to be. */
export function checkOutput({ fileOutput, outputDir }: SweepParameters): Check {
  return async () => {
    const fault = fileOutput ? await checkOutputDir(outputDir) : undefined;
    return fault === undefined ? [] : [fault];
  };
}

/**
 * Checks everything, runs the sweep, shows and saves what it finds.
 *
 * @throws ConfigurationError with all faults of command line and environment: nothing was started
 */
export async function runSweepCommand(
  sweep: RequestedSweep,
  style: SweepStyle,
  { context, rooms }: { readonly context: CommandContext; readonly rooms: Rooms },
): Promise<ExitCode> {
  const { parameters, held, reports } = sweep;
  const run = held?.run ?? newRunId();
  await using lock = lockMachine(run, parameters.networkType, rooms);
  const warn = (message: string) => context.terminal.note(`warning: ${message}`);
  await using chosen = chooseDeployer(sweep, { run, warn }, rooms);
  const chosenLikeBefore: Check = async (signal) => {
    const faults = await chosen.check(signal);
    return faults.length > 0 || held === undefined ? faults : sameRuntime(held, chosen.choice());
  };
  const baseline = openBaseline(parameters);
  const checks = [
    lock.check,
    chosenLikeBefore,
    ...(held === undefined ? [checkOutput(parameters)] : []),
    baseline.check,
    ...(reports === undefined ? [] : [reports.check]),
  ];
  const known = [...sweep.faults, ...(reports?.faults ?? [])];
  await preflight(known, checks, context.signal);
  await using kept = await openKept(sweep, run, context);
  const { bundle, earlier } = kept;
  const prepared = { run, parameters, ...chosen.choice(), bundle, earlier, baseline: baseline.side() };
  const { protocol } = prepared;
  if (makesLoad(protocol))
    return await runNativePrepared({ ...prepared, protocol }, { style, context, rooms, reports });
  const summary = await runPrepared(prepared, { style, context, rooms, reports });
  return exitCodeOf(summary, parameters.strict);
}

interface Kept extends AsyncDisposable, Pick<PreparedSweep, "bundle" | "earlier"> {}

async function openKept(
  { parameters, held }: RequestedSweep,
  run: string,
  { clock }: CommandContext,
): Promise<Kept> {
  const { outputDir, networkType, fileOutput } = parameters;
  if (held !== undefined) {
    const { writer: bundle, cut } = await held.open();
    const { stored, startedAt, nextSeqs, untold } = held;
    const earlier: EarlierRuns = { results: stored.runs, startedAt, nextSeqs, untold, cut };
    return await keep(bundle, parameters, earlier);
  }
  if (!fileOutput) return { bundle: undefined, [Symbol.asyncDispose]: async () => undefined };
  const generator = parameters.protocol.native === true ? "native" : "clients";
  const bundle = await openBundle({ outputDir, networkType, run, clock, generator, command: commandLine() });
  return await keep(bundle, parameters);
}

/** Writes the parameters, also of a sweep that is gone on with: what its results are held to may be new. */
async function keep(bundle: BundleWriter, parameters: SweepParameters, earlier?: EarlierRuns): Promise<Kept> {
  try {
    await bundle.writeParameters(parameters);
  } catch (error) {
    await bundle[Symbol.asyncDispose]();
    throw error;
  }
  return { bundle, earlier, [Symbol.asyncDispose]: () => bundle[Symbol.asyncDispose]() };
}

/** Runs of one sweep are compared with each other, so what is added must be made like what is there. */
function sameRuntime(
  { stored }: HeldBundle,
  { deployer, facts }: ReturnType<ReturnType<typeof chooseDeployer>["choice"]>,
): readonly Fault[] {
  const before = stored.runs[0]?.parameters.runtime;
  if (before === undefined || before === deployer.runtime) return [];
  const why = facts.runtimeReason === undefined ? "" : ` (${facts.runtimeReason})`;
  const message = `--resume ${stored.folder}: its runs were made with the ${before} runtime, and the ${deployer.runtime} runtime would go on${why}. Make that one available again, or begin a new sweep.`;
  return [{ code: "other-runtime", message }];
}
