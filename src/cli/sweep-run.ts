import { join } from "node:path";
import type { SideRuns } from "../benchmark/compare.ts";
import { concludeSweep } from "../benchmark/conclude.ts";
import { openSchedule } from "../benchmark/schedule.ts";
import { runSweep, type SweepOutcome } from "../benchmark/sweep.ts";
import { buildParametersJson } from "../bundle/parameters-json.ts";
import { measuredFileName } from "../bundle/published-run.ts";
import type { SweepSummary } from "../bundle/summary-json.ts";
import type { BundleWriter } from "../bundle/writer.ts";
import type { SweepParameters } from "../config/parameters.ts";
import { listHostFlags } from "../config/remote.ts";
import type { Deployer, DeploymentPlan, Leftover } from "../contracts/deployment.ts";
import type { Emit } from "../contracts/events.ts";
import type { MeasuredRun } from "../contracts/native.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { RunResult } from "../contracts/result.ts";
import { removalCommand } from "../docker/ownership.ts";
import { hostsCleanCommand } from "../network/remote-network.ts";
import { formatClosingTables } from "../report/closing-tables.ts";
import { formatHeader, type HeaderFacts } from "../report/header.ts";
import { buildResultsJson, formatResultsJson, type ResultsJson } from "../report/results-json.ts";
import { formatSummaryText } from "../report/summary-text.ts";
import { isDriven } from "../stats/run-metrics.ts";
import type { CommandContext } from "./context.ts";
import { openEmitter } from "./emitter.ts";
import { explainError } from "./errors.ts";
import { describeLiveSweep } from "./live/sweep.ts";
import { startProgress } from "./progress.ts";
import type { ReportFiles } from "./report-files.ts";
import type { Rooms } from "./rooms.ts";
import { readToolFacts } from "./tool-facts.ts";

/** How a command shows what it found. */
export interface SweepStyle {
  /** Title, configuration and a table of all loads, too. */
  readonly whole: boolean;
  readonly formatResult: (result: RunResult) => string;
  /** Takes the document of `--json` instead of standard output, where it is a part of another one. */
  readonly onDocument?: (document: ResultsJson) => void;
}

/** What an earlier command did of a sweep that is continued. */
export interface EarlierRuns {
  readonly results: readonly MeasuredRun[];
  /** Wall time, RFC 3339 UTC. */
  readonly startedAt?: string | undefined;
  /** By source: what follows its last event. */
  readonly nextSeqs: ReadonlyMap<string, number>;
  /** The one of them whose end no event tells. */
  readonly untold?: MeasuredRun | undefined;
  /** What of its files was no good any more, a sentence each. */
  readonly cut: readonly string[];
}

/** A sweep for which nothing stands in the way any more. */
export interface PreparedSweep {
  readonly run: string;
  readonly parameters: SweepParameters;
  readonly protocol: Protocol;
  /** As the deployer has checked it. */
  readonly plan: DeploymentPlan;
  readonly deployer: Deployer;
  readonly facts: Omit<HeaderFacts, "bundle">;
  /** Where it is kept, its parameters already; closed by whoever opened it. */
  readonly bundle: BundleWriter | undefined;
  readonly earlier?: EarlierRuns | undefined;
  /** To which its assertions about changes refer. */
  readonly baseline?: SideRuns | undefined;
}

/** What a command runs sweeps with. */
export interface SweepSurroundings {
  readonly style: SweepStyle;
  readonly context: CommandContext;
  readonly rooms: Pick<Rooms, "clientRuntime">;
  /** Files for pipelines, also of a sweep that ends early. */
  readonly reports?: ReportFiles | undefined;
}

/** Runs a sweep, shows each load as it ends and the whole at the end, and saves both. @returns all runs, and what was asserted of them */
export async function runPrepared(
  sweep: PreparedSweep,
  surroundings: SweepSurroundings,
): Promise<SweepSummary> {
  const { run, parameters, protocol, plan, deployer, bundle, earlier } = sweep;
  const { style, context, rooms } = surroundings;
  const { terminal, settings, clock, signal } = context;
  const facts = { ...sweep.facts, bundle: bundle?.folder };
  const shown = settings.consoleOutput && !settings.json;
  if (shown && style.whole) terminal.print(formatHeader(parameters, facts));
  using progress = startProgress({ terminal, settings, clock, signal, sweep: describeLiveSweep(sweep) });
  const emit = openEmitter(
    { run, source: "coordinator", clock, firstSeqs: earlier?.nextSeqs },
    [progress.listen, (event) => bundle?.appendEvent(event)],
    [progress.watch],
  );
  context.setLeftBehind(() => leftBehind(sweep));
  const startedAt = earlier?.startedAt ?? new Date(clock.wallMs()).toISOString();
  const results: RunResult[] = (earlier?.results ?? []).filter(isDriven);
  const end = (outcome: { readonly error?: unknown; readonly leftover?: Leftover | undefined }) =>
    finish({ ...sweep, facts, results, startedAt, emit, ...outcome }, surroundings);
  tellStart(sweep, emit);
  let outcome: SweepOutcome;
  try {
    outcome = await runSweep(parameters, {
      protocol,
      plan,
      deployer,
      clientRuntime: rooms.clientRuntime,
      emit,
      clock,
      signal,
      run,
      bundle,
      finished: [...results],
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
  return await end({ leftover: outcome.leftover });
}

/** The event that begins a sweep, and what is worth a warning then. */
export function tellStart({ parameters, deployer, facts, bundle, earlier }: PreparedSweep, emit: Emit): void {
  const { networkType, loadsTps, profile, runs, search } = parameters;
  emit({
    type: "sweep-started",
    network: networkType,
    runtime: deployer.runtime,
    ...(facts.runtimeReason === undefined ? {} : { runtimeReason: facts.runtimeReason }),
    loadsTps,
    ...(profile.kind === "closed" ? { closedLoop: true } : {}),
    ...(runs === 1 ? {} : { runs }),
    ...(search === undefined ? {} : { search: { fromTps: search.fromTps, toTps: search.toTps } }),
    ...(bundle === undefined ? {} : { bundle: bundle.folder }),
    ...(earlier === undefined ? {} : { firstRun: earlier.results.length + 1 }),
  });
  const untold = earlier?.untold;
  if (untold !== undefined) {
    const { benchmarkNumber, verdict } = untold;
    const file = bundle === undefined ? {} : { file: join(bundle.folder, measuredFileName(untold)) };
    emit({ type: "run-finished", benchmarkNumber, status: verdict.status, ...file });
  }
  for (const message of earlier?.cut ?? []) emit({ type: "warning", message });
  if (facts.runtimeReason !== undefined) {
    emit({ type: "warning", message: `The nodes run as plain processes. ${facts.runtimeReason}` });
  }
}

interface EndedSweep extends PreparedSweep {
  readonly facts: HeaderFacts;
  readonly results: readonly RunResult[];
  readonly startedAt: string;
  readonly emit: Emit;
  readonly error?: unknown;
  readonly leftover?: Leftover | undefined;
}

/** Shows and saves the whole, also of a sweep that ended early. */
async function finish(
  sweep: EndedSweep,
  { style, context, reports }: SweepSurroundings,
): Promise<SweepSummary> {
  const { parameters, results, bundle, facts, error, leftover, baseline } = sweep;
  const { terminal, settings, clock } = context;
  const { plannedRuns } = openSchedule(parameters);
  sweep.emit({
    type: "sweep-finished",
    finishedRuns: results.length,
    ...(plannedRuns === undefined ? {} : { plannedRuns }),
  });
  const summary: SweepSummary = {
    run: sweep.run,
    networkType: parameters.networkType,
    runtime: facts.runtime,
    startedAt: sweep.startedAt,
    finishedAt: new Date(clock.wallMs()).toISOString(),
    plannedRuns,
    runs: results,
    endedEarly: error === undefined ? undefined : explainError(error),
    ...concludeSweep(results, parameters, baseline),
  };
  const around = { parameters: buildParametersJson(parameters), bundle: bundle?.folder, leftover };
  if (style.onDocument !== undefined) style.onDocument(buildResultsJson(summary, around));
  else if (settings.json) terminal.print(formatResultsJson(summary, around));
  if (settings.consoleOutput && !settings.json && style.whole && results.length > 0) {
    terminal.print(`\n${formatClosingTables(summary, parameters)}`);
  }
  try {
    await bundle?.finish(summary, formatSummaryText(summary, parameters, facts));
  } finally {
    await reports?.write({ summary, strict: parameters.strict, bundle: bundle?.folder, baseline });
  }
  if (bundle !== undefined && !settings.json) terminal.print(`\nResults: ${bundle.folder}`);
  return summary;
}

/** What a second signal leaves, and how to remove it. */
export function leftBehind({
  run,
  deployer,
  parameters,
}: Pick<PreparedSweep, "run" | "deployer" | "parameters">): readonly string[] {
  const { remote } = parameters;
  const clean =
    remote === undefined ? removalCommand(run) : hostsCleanCommand({ run, hostFlags: listHostFlags(remote) });
  const what =
    deployer.runtime === "process"
      ? "the files of the nodes, which end with this process"
      : `what carries the label baleen.run=${run}`;
  return [`Left behind: ${what}. Remove it with: ${clean}`];
}
