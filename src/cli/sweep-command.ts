import { randomBytes } from "node:crypto";
import { phaseLengths } from "../benchmark/phases.ts";
import { runSweep, type SweepOutcome } from "../benchmark/sweep.ts";
import { checkOutputDir } from "../bundle/output-dir.ts";
import type { SweepSummary } from "../bundle/summary-json.ts";
import { type BundleWriter, openBundle } from "../bundle/writer.ts";
import type { CheckedParameters } from "../config/check.ts";
import type { SweepParameters } from "../config/parameters.ts";
import type { Deployer, Leftover } from "../contracts/deployment.ts";
import type { Emit } from "../contracts/events.ts";
import type { RunResult } from "../contracts/result.ts";
import type { Fault } from "../core/errors.ts";
import { formatHeader, type HeaderFacts } from "../report/header.ts";
import { formatResultsJson } from "../report/results-json.ts";
import { formatSummaryTable } from "../report/summary-table.ts";
import { formatSummaryText } from "../report/summary-text.ts";
import { type CommandContext, type ExitCode, exitCodeOf } from "./context.ts";
import { openEmitter } from "./emitter.ts";
import { explainError } from "./errors.ts";
import { preflight } from "./preflight.ts";
import { startProgress } from "./progress.ts";
import type { Rooms } from "./rooms.ts";
import { readToolFacts } from "./tool-facts.ts";

/** How a command shows what it found. */
export interface SweepStyle {
  /** Title, configuration and a table of all loads, too. */
  readonly whole: boolean;
  readonly formatResult: (result: RunResult) => string;
}

/** A sweep for which nothing stands in the way any more. */
interface PreparedSweep {
  readonly run: string;
  readonly parameters: SweepParameters;
  readonly deployer: Deployer;
  readonly facts: Omit<HeaderFacts, "bundle">;
}

/**
 * Checks everything, runs the sweep, shows and saves what it finds.
 *
 * @throws ConfigurationError with all faults of command line and environment: nothing was started
 */
export async function runSweepCommand(
  checked: CheckedParameters,
  style: SweepStyle,
  context: CommandContext,
  rooms: Rooms,
): Promise<ExitCode> {
  const run = randomBytes(4).toString("hex");
  let lock: AsyncDisposable | undefined;
  let deployer: Deployer | undefined;
  let runtimeReason: string | undefined;
  const { parameters } = checked;
  const checks = [
    async (signal: AbortSignal) => {
      lock = await rooms.lock(run, signal);
      return [];
    },
    async (signal: AbortSignal) => {
      const chosen = await rooms.chooseDeployer(parameters, signal);
      deployer = chosen.deployer;
      runtimeReason = chosen.reason;
      return [...chosen.faults, ...((await deployer?.check(planOf(parameters, rooms), signal)) ?? [])];
    },
    async () => (parameters.fileOutput ? toList(await checkOutputDir(parameters.outputDir)) : []),
  ];
  try {
    await preflight(checked.faults, checks, context.signal);
    if (deployer === undefined) throw new TypeError("no deployer was chosen, and no reason given");
    const facts = { runtime: deployer.runtime, runtimeReason, protocol: rooms.protocol.name };
    const results = await runPrepared({ run, parameters, deployer, facts }, style, context, rooms);
    return exitCodeOf(results, parameters.strict);
  } finally {
    await lock?.[Symbol.asyncDispose]();
  }
}

function planOf({ committee, protocolOptions }: SweepParameters, { protocol }: Rooms) {
  return protocol.plan({ nodes: committee, options: protocolOptions });
}

function toList(fault: Fault | undefined): readonly Fault[] {
  return fault === undefined ? [] : [fault];
}

async function runPrepared(
  sweep: PreparedSweep,
  style: SweepStyle,
  context: CommandContext,
  { protocol }: Rooms,
): Promise<readonly RunResult[]> {
  const { run, parameters, deployer } = sweep;
  const { terminal, settings, clock, signal } = context;
  const { networkType, loadsTps } = parameters;
  await using bundle = parameters.fileOutput
    ? await openBundle({ outputDir: parameters.outputDir, networkType, run, clock })
    : undefined;
  await bundle?.writeParameters(parameters);
  const facts = { ...sweep.facts, bundle: bundle?.folder };
  const shown = settings.consoleOutput && !settings.json;
  if (shown && style.whole) terminal.print(formatHeader(parameters, facts));
  using progress = startProgress({
    terminal,
    settings,
    clock,
    windowSecs: (loadTps) => phaseLengths(parameters, loadTps).windowSecs,
  });
  const emit = openEmitter({ run, source: "coordinator", clock }, [
    progress.listen,
    (event) => bundle?.appendEvent(event),
  ]);
  context.setLeftBehind(() => leftBehind(sweep));
  const startedAt = new Date(clock.wallMs()).toISOString();
  const results: RunResult[] = [];
  const end = (outcome: { readonly error?: unknown; readonly leftover?: Leftover | undefined }) =>
    finish({ ...sweep, facts, results, startedAt, bundle, emit, ...outcome }, style, context);
  emit({
    type: "sweep-started",
    network: networkType,
    runtime: deployer.runtime,
    loadsTps,
    ...(bundle === undefined ? {} : { bundle: bundle.folder }),
  });
  if (facts.runtimeReason !== undefined) {
    emit({ type: "warning", message: `The nodes run as plain processes. ${facts.runtimeReason}` });
  }
  let outcome: SweepOutcome;
  try {
    outcome = await runSweep(parameters, {
      protocol,
      deployer,
      emit,
      clock,
      signal,
      run,
      bundle,
      tool: await readToolFacts(context),
      onResult: (result) => {
        results.push(result);
        const gap = style.whole || results.length > 1 ? "\n" : "";
        if (shown) terminal.print(`${gap}${style.formatResult(result)}`);
      },
    });
  } catch (error) {
    // What was found so far is worth as much; what ended the sweep is what gets told.
    await end({ error }).catch((second: unknown) =>
      emit({ type: "warning", message: `The summary could not be written: ${explainError(second)}` }),
    );
    throw error;
  }
  await end({ leftover: outcome.leftover });
  return results;
}

interface EndedSweep extends PreparedSweep {
  readonly facts: HeaderFacts;
  readonly results: readonly RunResult[];
  readonly startedAt: string;
  readonly bundle: BundleWriter | undefined;
  readonly emit: Emit;
  readonly error?: unknown;
  readonly leftover?: Leftover | undefined;
}

/** Shows and saves the whole, also of a sweep that ended early. */
async function finish(sweep: EndedSweep, style: SweepStyle, context: CommandContext): Promise<void> {
  const { parameters, results, bundle, facts, error, leftover } = sweep;
  const { terminal, settings, clock } = context;
  const plannedRuns = parameters.loadsTps.length;
  sweep.emit({ type: "sweep-finished", finishedRuns: results.length, plannedRuns });
  const summary: SweepSummary = {
    run: sweep.run,
    networkType: parameters.networkType,
    runtime: facts.runtime,
    startedAt: sweep.startedAt,
    finishedAt: new Date(clock.wallMs()).toISOString(),
    plannedRuns,
    runs: results,
    endedEarly: error === undefined ? undefined : explainError(error),
  };
  if (settings.json) {
    terminal.print(formatResultsJson(summary, { parameters, bundle: bundle?.folder, leftover }));
  } else if (settings.consoleOutput && style.whole && results.length > 0) {
    terminal.print(`\nSUMMARY\n${formatSummaryTable(results)}`);
  }
  await bundle?.finish(summary, formatSummaryText(summary, parameters, facts));
  if (bundle !== undefined && !settings.json) terminal.print(`\nResults: ${bundle.folder}`);
}

function leftBehind({ run, deployer }: PreparedSweep): readonly string[] {
  const what =
    deployer.runtime === "process"
      ? "the files of the nodes, which end with this process"
      : `what carries the label baleen.run=${run}`;
  return [`Left behind: ${what}. Remove it with: npx baleen clean --run ${run}`];
}
