import { buildResultsDocument } from "../../../results/report/documents/results-json.ts";
import type { CheckedVariation } from "../../../run/prepare/points.ts";
import { runVariation } from "../../../run/sweep/vary.ts";
import { type ExitCode, exitCodeOf } from "../../terminal/context.ts";
import { openReportFiles } from "../results/report-files.ts";
import { printVariation } from "../results/variation.ts";
import { runContext, type SweepSetting, type SweepStyle, showSweep } from "./sweep.ts";

/**
 * `benchmark --vary OPTION=VALUE,…`: a sweep for each value, or each pair of values, and a table of all.
 * @throws ConfigurationError with all diagnostics of all points: nothing was started
 */
export async function runVary(checked: CheckedVariation, setting: SweepSetting): Promise<ExitCode> {
  const { request, style, context, backend } = setting;
  const { terminal, settings } = context;
  const reports = openReportFiles(request);
  request.diagnostics.push(...checked.diagnostics);
  const besides = { diagnostics: request.diagnostics, checks: [reports.check] };
  const documents: Record<string, object> = {};
  const names = checked.options.map(({ name }) => name);
  let begun = 0;
  const outcome = await runVariation(
    checked,
    { backend, context: runContext(context), besides },
    (name, sweep) => {
      const point = checked.points[begun];
      if (settings.consoleOutput && !settings.json) {
        terminal.print(`${begun === 0 ? "" : "\n"}Point ${begun + 1} of ${checked.points.length}: ${name}\n`);
      }
      begun += 1;
      const onDocument: SweepStyle["onDocument"] = (summary, around) => {
        documents[name] = buildResultsDocument(summary, around);
      };
      const own = settings.json ? { ...style, onDocument } : style;
      const varied = { options: names, values: point?.values ?? [] };
      return showSweep(
        sweep,
        { ...setting, style: own },
        {
          ...reports,
          write: (reported) => reports.write({ ...reported, varied }),
        },
      );
    },
  );
  const { folder, summaries, variation } = outcome;
  printVariation({ variation, folder, summaries, documents: () => documents }, context);
  if (outcome.error !== undefined) throw outcome.error;
  const strict = checked.points.some(({ request: { parameters } }) => parameters.strict);
  return [...summaries.values()].some((summary) => exitCodeOf(summary, strict) !== 0) ? 3 : 0;
}
