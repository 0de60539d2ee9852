import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { fewestHeldRuns } from "../../../results/analysis/assertions/against-point.ts";
import { buildResultsDocument } from "../../../results/report/documents/results-json.ts";
import type { CheckedVariation } from "../../../run/prepare/points.ts";
import type { Turn } from "../../../run/sweep/parts.ts";
import { baselinePoint, runVariation, turnsOf } from "../../../run/sweep/vary.ts";
import { type ExitCode, exitCodeOf } from "../../terminal/context.ts";
import { openReportFiles } from "../results/report-files.ts";
import { printVariation } from "../results/variation.ts";
import { runContext, type SweepSetting, type SweepStyle, showSweep } from "./sweep.ts";

export interface VarySetting extends SweepSetting {
  /** The points take turns after each run. */
  readonly turns: boolean;
}

/** Points that take turns are sweeps that go on again and again. @returns what keeps them from that */
function refuseTurns(points: CheckedVariation["points"]): Diagnostic[] {
  const some = (is: (parameters: SweepParameters) => boolean) =>
    points.some(({ request: { parameters } }) => is(parameters));
  const refusals: readonly (readonly [boolean, string])[] = [
    [
      some(({ search }) => search !== undefined),
      "a search decides after each run what comes next. Remove --search",
    ],
    [some(({ keepNetwork }) => keepNetwork), "each run has a network of its own. Remove --keep-network"],
    [some(({ fileOutput }) => !fileOutput), "points go on from their bundles. Remove --no-file-output"],
  ];
  return refusals.flatMap(([is, why]) =>
    is ? [{ code: "contradiction" as const, message: `--turns: ${why}, or --turns.` }] : [],
  );
}

/** A point that is the baseline of the others must be there for each of them, with runs enough for an interval. */
function refuseBaseline(points: CheckedVariation["points"]): Diagnostic[] {
  const name = baselinePoint(points);
  if (name === undefined) return [];
  const { assertions = [], runs = 0 } = points[0]?.request.parameters ?? {};
  const refuse = (why: string) => ({
    code: "contradiction" as const,
    message: `--baseline: ${name} is a point of this command, ${why}`,
  });
  return [
    ...(assertions.some(({ relative }) => relative)
      ? []
      : [refuse("and no assertion is relative to it. Add one, such as --assert 'throughput>-10%'.")]),
    ...(runs >= fewestHeldRuns
      ? []
      : [refuse(`and an interval needs ${fewestHeldRuns} runs of each point. Use --runs 5.`)]),
  ];
}

/**
 * `benchmark --vary OPTION=VALUE,…`: a sweep for each value, or each pair of values, and a table of all.
 * @throws ConfigurationError with all diagnostics of all points: nothing was started
 */
export async function runVary(checked: CheckedVariation, setting: VarySetting): Promise<ExitCode> {
  const { request, style, context, backend, turns } = setting;
  const { terminal, settings } = context;
  const reports = openReportFiles(request);
  request.diagnostics.push(
    ...checked.diagnostics,
    ...(turns ? refuseTurns(checked.points) : []),
    ...refuseBaseline(checked.points),
  );
  const besides = { diagnostics: request.diagnostics, checks: [reports.check] };
  const documents: Record<string, object> = {};
  const names = checked.options.map(({ name }) => name);
  const inTurns = turns ? turnsOf(checked.points) : undefined;
  const order: readonly Turn[] = inTurns ?? checked.points.map((_, part) => ({ part }));
  let begun = 0;
  const outcome = await runVariation(
    checked,
    { backend, context: runContext(context), besides, turns: inTurns },
    (name, sweep) => {
      const part = order[begun]?.part ?? 0;
      const point = checked.points[part];
      if (settings.consoleOutput && !settings.json) {
        const noun = turns ? "Turn" : "Point";
        const run = sweep.untilRuns === undefined ? "" : `, run ${sweep.untilRuns}`;
        terminal.print(`${begun === 0 ? "" : "\n"}${noun} ${begun + 1} of ${order.length}: ${name}${run}\n`);
      }
      begun += 1;
      const goesOn = order.slice(begun).some((later) => later.part === part);
      const onDocument: SweepStyle["onDocument"] = (summary, around) => {
        documents[name] = buildResultsDocument(summary, around);
      };
      const own = { ...style, whole: style.whole && !goesOn, ...(settings.json ? { onDocument } : {}) };
      const varied = { options: names, values: point?.values ?? [] };
      return showSweep(
        sweep,
        { ...setting, style: own },
        {
          ...reports,
          write: async (reported) => {
            if (!goesOn) await reports.write({ ...reported, varied });
          },
        },
      );
    },
  );
  const { folder, summaries, variation } = outcome;
  printVariation({ variation, folder, summaries, documents: () => documents }, context);
  if (outcome.error !== undefined) throw outcome.error;
  const strict = checked.points.some(({ request: { parameters } }) => parameters.strict);
  const hasFailed = [...summaries.values()].some((summary) => exitCodeOf(summary, strict) !== 0);
  return hasFailed || variation.assertions.some(({ passed }) => !passed) ? 3 : 0;
}
