import { availableParallelism } from "node:os";
import type { Deployer, DeploymentPlan } from "../../contracts/deployment.ts";
import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import type { SideRuns } from "../../contracts/results/comparison.ts";
import type { Clock } from "../../core/clock.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { explainError } from "../../core/explain.ts";
import { placeHelpers } from "../../deploy/nodes/planned.ts";
import { secureRpc } from "../../deploy/rpc-tls.ts";
import type { HeldBundle } from "../../results/bundle/continue.ts";
import { checkOutputDir } from "../../results/bundle/folders.ts";
import { type BundleOptions, openBundle } from "../../results/bundle/open-bundle.ts";
import type { BundleWriter } from "../../results/bundle/writer.ts";
import type { HeaderFacts } from "../../results/report/blocks/header.ts";
import type { ToolFacts } from "../watch/environment.ts";
import type { Workload } from "../workloads/workload.ts";
import type { Backend } from "./backend.ts";
import { openBaseline } from "./baseline.ts";
import { namedPrograms } from "./origin.ts";
import { tryPlan } from "./plan-network.ts";
import { type Check, diagnosed, nameParts, preflight } from "./preflight.ts";
import { type CheckedSweep, workloadOf } from "./system.ts";

export interface SweepRequest extends Omit<CheckedSweep, "diagnostics"> {
  /** The bundle of an earlier command that it goes on with. */
  readonly held?: HeldBundle | undefined;
  /** Which of several it is, for diagnostics that not all of them have. */
  readonly part?: string | undefined;
}

/** What sweeps are prepared and run with. */
export interface RunContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Takes what is worth a warning before a sweep has begun. */
  readonly warn: (message: string) => void;
  /** For those who find a bundle in use: the command that writes it. */
  readonly commandLine: string;
  /** Versions of this tool and its Node.js. */
  readonly tool: () => Promise<ToolFacts>;
}

/** A sweep for which nothing stands in the way any more; its bundle is not open yet. */
export interface CheckedNetwork {
  readonly run: string;
  readonly parameters: SweepParameters;
  readonly protocol: Protocol;
  readonly workload: Workload;
  /** As the deployer has checked it. */
  readonly plan: DeploymentPlan;
  readonly deployer: Deployer;
  readonly facts: Omit<HeaderFacts, "bundle">;
  /** What an earlier command did of it. */
  readonly held?: HeldBundle | undefined;
  /** It pauses when there are so many finished runs; absent: at its end. */
  readonly untilRuns?: number | undefined;
  /** To which its assertions about changes refer. */
  readonly baseline?: SideRuns | undefined;
}

/** A sweep that can begin. */
export interface PreparedSweep extends CheckedNetwork {
  /** Where it is kept, its parameters already; closed with the sweep. */
  readonly bundle: BundleWriter | undefined;
  /** What of an earlier command's files was no good any more, a sentence each. */
  readonly cut: readonly string[];
}

export interface PrepareSetting {
  readonly backend: Backend;
  readonly context: RunContext;
  /** What is wrong already, and what else is to be looked at. */
  readonly besides: { readonly diagnostics: readonly Diagnostic[]; readonly checks?: readonly Check[] };
}

/**
 * Looks at everything that sweeps need, of all at once: this machine's lock, networks, output and baselines. Changes
 * nothing. Disposing gives back the lock and lets go of what deployers hold.
 * @returns a sweep for each request
 * @throws ConfigurationError with every diagnostic once: nothing was started
 */
export async function prepareSweeps<const Requests extends readonly SweepRequest[]>(
  run: string,
  requests: Requests,
  { backend, context, besides }: PrepareSetting,
): Promise<AsyncDisposable & { readonly sweeps: { [Place in keyof Requests]: CheckedNetwork } }> {
  let lock: AsyncDisposable | undefined;
  const deployers: Deployer[] = [];
  const dispose = async () => {
    try {
      await Promise.all(deployers.map((deployer) => deployer.close?.()));
    } finally {
      await lock?.[Symbol.asyncDispose]();
    }
  };
  /** Remote sweeps hold the locks of their hosts instead: this machine may drive several. */
  const lockMachine: Check = async (signal) => {
    const isRemote = requests.every(({ parameters }) => parameters.networkType === "remote");
    if (!isRemote) lock = await backend.lock(run, signal);
    return [];
  };
  const checked: CheckedNetwork[] = [];
  const checkNetwork = async (request: SweepRequest, index: number, signal: AbortSignal) => {
    const sweep = { run, request, deployers };
    const { network, diagnostics } = await chooseNetwork(sweep, { backend, context }, signal);
    if (network !== undefined) checked[index] = network;
    return diagnostics;
  };
  /** Each is looked at before the first one begins. Those on hosts take turns, since each locks them. */
  const checkNetworks: Check = async (signal) => {
    const away = requests.filter(({ parameters }) => parameters.networkType === "remote");
    const look = (request: SweepRequest, index: number) =>
      diagnosed(() => checkNetwork(request, index, signal));
    const isShared = (request: SweepRequest) => away.length > 1 && away.includes(request);
    const found = await Promise.all(
      requests.map(async (request, index) => (isShared(request) ? [] : await look(request, index))),
    );
    // The first one stays open: nobody else gets the hosts before it begins.
    for (const [index, request] of [...requests.entries()].toReversed()) {
      if (!isShared(request)) continue;
      const opened = deployers.length;
      found[index] = await look(request, index);
      if (request === away[0]) continue;
      await Promise.all(deployers.slice(opened).map((deployer) => deployer.close?.()));
    }
    return nameParts(requests.map(({ part }, index) => ({ part, diagnostics: found[index] ?? [] })));
  };
  const baselines = requests.map(({ parameters }) => openBaseline(parameters));
  const checks = [
    lockMachine,
    checkNetworks,
    ...requests.map(checkOutput),
    ...baselines.map(({ check }) => check),
    ...(besides.checks ?? []),
  ];
  try {
    await preflight(besides.diagnostics, checks, context.signal);
    const sweeps = requests.map((_, index) => {
      const network = checked[index];
      if (network === undefined) {
        throw new TypeError("no protocol or no deployer was chosen, and no reason was given");
      }
      return { ...network, baseline: baselines[index]?.side() };
    });
    return {
      sweeps: sweeps as { [Place in keyof Requests]: CheckedNetwork },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Plans a network, chooses its deployer and lets that check it. @param deployers takes it, to be let go of */
async function chooseNetwork(
  { run, request, deployers }: { run: string; request: SweepRequest; deployers: Deployer[] },
  { backend, context: { warn } }: { backend: Backend; context: RunContext },
  signal: AbortSignal,
): Promise<{ network?: CheckedNetwork; diagnostics: readonly Diagnostic[] }> {
  const { parameters, protocol, held } = request;
  const { plan, diagnostics: misfits = [] } =
    (protocol && tryPlan(protocol, parameters, backend.findProgram)) ?? {};
  const { remote } = parameters;
  const placed =
    plan === undefined || remote === undefined
      ? parameters
      : { ...parameters, remote: { ...remote, hosts: placeHelpers(plan, remote.hosts) } };
  const chosen = secureRpc(await backend.chooseDeployer(placed, { run, warn }, signal), parameters);
  const { deployer, reason } = chosen;
  if (deployer !== undefined) deployers.push(deployer);
  const inTheWay = plan === undefined ? undefined : await deployer?.check(plan, signal);
  const workload = workloadOf(protocol);
  const unmeasurable = protocol && workload.check(protocol, parameters, availableParallelism());
  const diagnostics = [...misfits, ...chosen.diagnostics, ...(unmeasurable ?? []), ...(inTheWay ?? [])];
  if (diagnostics.length > 0 || deployer === undefined || plan === undefined || protocol === undefined) {
    return { diagnostics };
  }
  const facts = { runtime: deployer.runtime, runtimeReason: reason };
  const network = { run, parameters, protocol, workload, plan, deployer, facts, held };
  return { network, diagnostics: held === undefined ? [] : sameRuntime(held, network) };
}

/** Whether results can be written, where they are to be. */
function checkOutput({ parameters: { fileOutput, outputDir }, held }: SweepRequest): Check {
  return async () => {
    const diagnostic = fileOutput && held === undefined ? await checkOutputDir(outputDir) : undefined;
    return diagnostic === undefined ? [] : [diagnostic];
  };
}

/** Runs of one sweep are compared with each other, so what is added must be made like what is there. */
function sameRuntime({ stored }: HeldBundle, { deployer, facts }: CheckedNetwork): readonly Diagnostic[] {
  const before = stored.runs[0]?.parameters.runtime;
  if (before === undefined || before === deployer.runtime) return [];
  const why = facts.runtimeReason === undefined ? "" : ` (${facts.runtimeReason})`;
  const message = `--resume ${stored.folder}: its runs used the ${before} runtime, but now the ${deployer.runtime} runtime would continue${why}. Make the first one available again, or begin a new sweep.`;
  return [{ code: "other-runtime", message }];
}

/** Opens the bundle of a sweep, or the one that it holds; disposing closes it. @param place undefined: none is made */
export async function openSweep(
  sweep: CheckedNetwork,
  place: Pick<BundleOptions, "outputDir" | "name"> | undefined,
  { backend, context }: Pick<PrepareSetting, "backend" | "context">,
): Promise<AsyncDisposable & PreparedSweep> {
  const { held, parameters, run, workload } = sweep;
  const { networkType } = parameters;
  const { generator } = workload;
  const { clock, commandLine: command } = context;
  const { writer, cut = [] } = (await held?.open()) ?? {};
  const made = place && { ...place, networkType, run, clock, generator, command };
  const bundle = writer ?? (made && (await openBundle(made)));
  try {
    // Also of a sweep that is gone on with: what its results are held to may be new.
    await bundle?.writeParameters(parameters);
    if (bundle !== undefined && namedPrograms(parameters).length > 0) {
      await backend.origin.mark(bundle.folder, parameters).catch((error: unknown) => {
        context.warn(`--resume will refuse this sweep's bundle: ${explainError(error)}`);
      });
    }
  } catch (error) {
    await bundle?.[Symbol.asyncDispose]();
    throw error;
  }
  return { ...sweep, bundle, cut, [Symbol.asyncDispose]: async () => bundle?.[Symbol.asyncDispose]() };
}
