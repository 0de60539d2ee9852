import type { MeasuredRun } from "../../../contracts/results/native/native.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { explainError } from "../../../core/explain.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { isDriven } from "../../../metrics/stats/run-metrics.ts";
import { checkLocalNetwork, checkRemoteNetwork } from "../../../options/checks/check-once.ts";
import { fewestRows, formatBriefRun } from "../../../results/report/blocks/brief.ts";
import { formatHeader } from "../../../results/report/blocks/header.ts";
import { formatLocalNetworkStatistics } from "../../../results/report/blocks/run-block.ts";
import { formatResultsJson, type ResultsContext } from "../../../results/report/documents/results-json.ts";
import { formatClosing, formatRun } from "../../../results/report/documents/summary-text.ts";
import { buildParametersJson } from "../../../results/schema/parameters.ts";
import type { MeasuredSummary } from "../../../results/schema/summary.ts";
import { newRunId } from "../../../run/prepare/backend.ts";
import {
  openSweep,
  type PreparedSweep,
  prepareSweeps,
  type RunContext,
  type SweepRequest,
} from "../../../run/prepare/prepare.ts";
import { type CheckedSweep, checkSystem, type SystemCheck } from "../../../run/prepare/system.ts";
import { conductSweep, leftBehind } from "../../../run/sweep/conduct.ts";
import { readToolFacts } from "../../../run/watch/environment.ts";
import { checkDashboard } from "../../options/dashboard.ts";
import { besideChecks } from "../../terminal/beside.ts";
import { type CommandBackend, processFacts } from "../../terminal/command-backend.ts";
import {
  type Command,
  type CommandContext,
  type CommandRequest,
  type ExitCode,
  exitCodeOf,
} from "../../terminal/context.ts";
import { describeLiveSweep } from "../../terminal/live/view.ts";
import { startProgress } from "../../terminal/progress.ts";
import { describeRelay } from "../../terminal/relay-text.ts";
import { openReportFiles, type ReportFiles } from "../results/report-files.ts";

/** How a command shows what it found. */
export interface SweepStyle {
  /** Title, configuration and a table of all loads, too. */
  readonly whole: boolean;
  /** In place of the usual block, of runs whose transactions were followed. */
  readonly formatResult?: (result: RunResult) => string;
  /** Takes what `--json` shows, where it is a part of another document. */
  readonly onDocument?: (summary: MeasuredSummary, context: ResultsContext) => void;
}

export interface SweepSetting {
  /** Its diagnostics take what else is found of them. */
  readonly request: CommandRequest;
  readonly style: SweepStyle;
  readonly context: CommandContext;
  readonly backend: CommandBackend;
}

/** A command's context, as the library takes it. */
export function runContext({ terminal, clock, signal, env, version }: CommandContext): RunContext {
  const facts = processFacts(env);
  return {
    clock,
    signal,
    warn: (message) => terminal.note(message, "warning"),
    commandLine: facts.commandLine,
    tool: () => readToolFacts({ ...facts, version }),
  };
}

/** Checks, runs, shows and saves a sweep. @throws ConfigurationError with all diagnostics: nothing was started */
export async function runSweepCommand(
  checked: SweepRequest & Pick<CheckedSweep, "diagnostics">,
  setting: SweepSetting,
): Promise<ExitCode> {
  const { request, context, backend } = setting;
  const { parameters, held } = checked;
  const { fileOutput, outputDir, strict } = parameters;
  request.diagnostics.push(...checked.diagnostics, ...checkDashboard(context, parameters));
  const reports = openReportFiles(request);
  const besides = {
    diagnostics: request.diagnostics,
    checks: [reports.check, ...besideChecks(context)],
  };
  const run = runContext(context);
  const id = held?.run ?? newRunId();
  const prepareSetting = { backend, context: run, besides };
  await using prepared = await prepareSweeps(id, [checked], prepareSetting);
  const place = fileOutput ? { outputDir } : undefined;
  await using sweep = await openSweep(prepared.sweeps[0], place, prepareSetting);
  return exitCodeOf(await showSweep(sweep, setting, reports), strict);
}

const once =
  (checkWith: (hosts: CommandRequest["hosts"]) => SystemCheck): Command =>
  async (request, context, backend) => {
    const checked = checkSystem(request.given, backend, checkWith(request.hosts));
    const style = { whole: false, formatResult: formatLocalNetworkStatistics };
    return await runSweepCommand(checked, { request, style, context, backend });
  };

/** `local-network`: a committee on this machine, and one segment of transactions through it. */
export const runLocalNetwork = once(() => checkLocalNetwork);

/** `remote-network`: a committee on hosts over SSH, and one segment of transactions through it. */
export const runRemoteNetwork = once((hosts) => (given, limits) => checkRemoteNetwork(given, limits, hosts));

/**
 * Runs a sweep, and shows each load and the whole as they end.
 * @param reports written also of a sweep that ends early
 * @throws what ended it early, after that
 */
export async function showSweep(
  sweep: PreparedSweep,
  { style, context, backend }: Omit<SweepSetting, "request">,
  reports: ReportFiles,
): Promise<MeasuredSummary> {
  const { parameters, bundle, baseline } = sweep;
  const { terminal, settings, clock, signal } = context;
  const shown = settings.consoleOutput && !settings.json;
  if (shown && style.whole) {
    terminal.print(formatHeader(parameters, { ...sweep.facts, bundle: bundle?.folder }));
  }
  if (bundle !== undefined) {
    const url = await context.dashboard?.open(bundle.folder, parameters.outputDir);
    if (url !== undefined) await context.monitoring?.open(url, parameters);
  }
  using progress = startProgress({ terminal, settings, clock, signal, sweep: describeLiveSweep(sweep) });
  context.setLeftBehind(() => leftBehind(sweep));
  // A command with a form of its own shows one result, which may fill the screen.
  const isLong = style.formatResult === undefined && (terminal.resultRows() ?? fewestRows) < fewestRows;
  const { brief = isLong } = settings;
  const format = (result: MeasuredRun) => {
    if (brief) return formatBriefRun(result);
    return style.formatResult !== undefined && isDriven(result)
      ? style.formatResult(result)
      : formatRun(result);
  };
  const { summary, leftover, error, unwritten } = await conductSweep(sweep, backend, {
    ...runContext(context),
    onEvent: progress.listen,
    onPassing: progress.watch,
    relay: context.influx?.openRelay(),
    manual: context.dashboard?.manual,
    onResult: (result, finished) => {
      if (shown) terminal.print(`${style.whole || finished > 1 ? "\n" : ""}${format(result)}`);
    },
  });
  const around = { parameters: buildParametersJson(parameters), bundle: bundle?.folder, leftover };
  if (style.onDocument !== undefined) style.onDocument(summary, around);
  else if (settings.json) terminal.print(formatResultsJson(summary, around));
  if (shown && style.whole && summary.runs.length > 0) {
    terminal.print(`\n${formatClosing(summary, parameters)}`);
  }
  try {
    await reports.write({ summary, strict: parameters.strict, bundle: bundle?.folder, baseline });
  } catch (second) {
    if (error === undefined) throw second;
    terminal.note(explainError(second), "warning");
  }
  if (summary.relay !== undefined) terminal.note(describeRelay(summary.relay));
  if (bundle !== undefined && unwritten === undefined && !settings.json) {
    terminal.print(`\nResults: ${formatForeign(bundle.folder)}`);
  }
  if (error !== undefined) throw error;
  if (unwritten !== undefined) throw unwritten;
  return summary;
}
