import type { PairPart } from "../../../results/analysis/comparison/explain-links.ts";
import { buildResultsDocument } from "../../../results/report/documents/results-json.ts";
import type { CheckedSweep } from "../../../run/prepare/system.ts";
import { type PairOptions, runPair, type SideName } from "../../../run/sweep/pair.ts";
import { checkDashboard } from "../../options/dashboard.ts";
import { besideChecks } from "../../terminal/beside.ts";
import { type ExitCode, exitCodeOf } from "../../terminal/context.ts";
import { printPair } from "../results/pair.ts";
import { openReportFiles } from "../results/report-files.ts";
import { runContext, type SweepSetting, type SweepStyle, showSweep } from "./sweep.ts";

/** By side, what `--json` shows of it. */
type Documents = Partial<Record<PairPart, object>>;

/**
 * `benchmark --network-type both`: the same loads on the local and then on the remote network, and their comparison.
 * With --explain-links the local network follows again, with the remote one's delays.
 * @throws ConfigurationError with all diagnostics of both: nothing was started
 */
export async function runBoth(
  sides: Readonly<Record<SideName, CheckedSweep>>,
  options: PairOptions,
  setting: SweepSetting,
): Promise<ExitCode> {
  const { request, style, context, backend } = setting;
  const { terminal, settings } = context;
  const { local, remote } = sides;
  const reports = openReportFiles(request);
  request.diagnostics.push(
    ...local.diagnostics,
    ...remote.diagnostics,
    ...checkDashboard(context, local.parameters),
  );
  const besides = {
    diagnostics: request.diagnostics,
    checks: [reports.check, ...besideChecks(context)],
  };
  const documents: Documents = {};
  const pairSetting = { backend, context: runContext(context), besides };
  const outcome = await runPair(sides, options, pairSetting, (part, sweep) => {
    if (part !== "local" && settings.consoleOutput && !settings.json) terminal.print("");
    const onDocument: SweepStyle["onDocument"] = (summary, around) => {
      documents[part] = buildResultsDocument(summary, around);
    };
    const own = settings.json ? { ...style, onDocument } : style;
    return showSweep(sweep, { ...setting, style: own }, reports);
  });
  const { folder, comparison, summaries } = outcome;
  const incomplete = summaries.local === undefined ? "local" : "remote";
  printPair({ folder, documents: () => documents, comparison, incomplete }, context);
  if (outcome.error !== undefined) throw outcome.error;
  const { strict } = local.parameters;
  return Object.values(summaries).some((summary) => exitCodeOf(summary, strict) !== 0) ? 3 : 0;
}
