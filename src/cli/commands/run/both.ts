import { join, resolve } from "node:path";
import type { SweepParameters } from "../../../contracts/parameters.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import type { Comparison } from "../../../contracts/results/comparison.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import type { CheckedParameters } from "../../../options/checks/given.ts";
import { compareSweeps } from "../../../results/analysis/comparison/compare.ts";
import { writeComparison } from "../../../results/bundle/comparison-files.ts";
import { bundleName } from "../../../results/bundle/open-bundle.ts";
import { formatComparison } from "../../../results/report/blocks/comparison.ts";
import { buildResultsDocument } from "../../../results/report/documents/results-json.ts";
import { buildComparisonJson } from "../../../results/schema/sweep/comparison-json.ts";
import type { MeasuredSummary } from "../../../results/schema/sweep/native-summary-json.ts";
import { newRunId } from "../../../run/prepare/backend.ts";
import { openSweep, prepareSweeps } from "../../../run/prepare/prepare.ts";
import { type CommandContext, type ExitCode, exitCodeOf, printFound } from "../../terminal/context.ts";
import { runContext, type SweepSetting, type SweepStyle, showSweep } from "./sweep.ts";

const sideNames = ["local", "remote"] as const;
type SideName = (typeof sideNames)[number];

export interface RequestedPair extends Readonly<Record<SideName, CheckedParameters>> {
  /** Of both; absent where diagnostics leave none. */
  readonly protocol?: Protocol | undefined;
  /** Found besides those of the sides. */
  readonly diagnostics: readonly Diagnostic[];
}

/** By side, what `--json` shows of it. */
type Documents = Partial<Record<SideName, object>>;

/**
 * `benchmark --network-type both`: the same loads on the local and then on the remote network, each a whole sweep with a
 * bundle of its own in one folder, and their comparison.
 *
 * @throws ConfigurationError with all diagnostics of both: nothing was started
 */
export async function runBoth(
  { protocol, ...asked }: RequestedPair,
  setting: SweepSetting,
): Promise<ExitCode> {
  const { context, backend, reports } = setting;
  const { terminal, settings, clock } = context;
  const { local, remote } = asked;
  const known = [...asked.diagnostics, ...(reports?.diagnostics ?? [])];
  const besides = {
    diagnostics: [...known, ...local.diagnostics, ...remote.diagnostics],
    checks: reports === undefined ? [] : [reports.check],
  };
  const own = runContext(context);
  const run = newRunId();
  const requests = sideNames.map((side) => ({ protocol, parameters: parametersOf(side, asked[side]) }));
  await using prepared = await prepareSweeps(run, requests, { backend, context: own, besides });
  const { outputDir, fileOutput, strict } = local.parameters;
  const name = bundleName({ run, networkType: "both", clock });
  const folder = fileOutput ? join(resolve(outputDir), name) : undefined;
  const documents: Documents = {};
  const summaries: Partial<Record<SideName, MeasuredSummary>> = {};
  try {
    for (const [index, side] of sideNames.entries()) {
      const checked = prepared.sweeps[index];
      if (checked === undefined) throw new TypeError(`the ${side} sweep was not prepared`);
      const place = folder === undefined ? undefined : { outputDir: folder, name: side };
      await using sweep = await openSweep(checked, place, own);
      if (side === "remote" && settings.consoleOutput && !settings.json) terminal.print("");
      const keep: SweepStyle["onDocument"] = (summary, around) => {
        documents[side] = buildResultsDocument(summary, around);
      };
      const style = { ...setting.style, ...(settings.json ? { onDocument: keep } : {}) };
      summaries[side] = await showSweep(sweep, { ...setting, style });
    }
  } catch (error) {
    const ended = summaries.local === undefined ? "local" : "remote";
    conclude({ folder, documents }, ended, context);
    throw error;
  }
  const sideOf = (side: SideName) => ({
    path: folder === undefined ? side : join(folder, side),
    networkType: side,
    runs: summaries[side]?.runs ?? [],
  });
  const comparison = compareSweeps(sideOf("local"), sideOf("remote"));
  if (folder !== undefined) await writeComparison(folder, comparison, `${formatComparison(comparison)}\n`);
  conclude({ folder, documents }, comparison, context);
  return Object.values(summaries).some((summary) => exitCodeOf(summary, strict) !== 0) ? 3 : 0;
}

function parametersOf(side: SideName, { parameters }: CheckedParameters): SweepParameters {
  const { baseline } = parameters;
  return {
    ...parameters,
    // As between two loads: what goes on running on this machine would take part in the remote measurement.
    ...(side === "local" ? { cleanup: "thorough" } : {}),
    // A baseline of two networks holds one of each. A side's bundle keeps its own, so that it can be used by itself.
    ...(baseline === undefined ? {} : { baseline: join(baseline, side) }),
  };
}

/**
 * Shows the comparison, or says why there is none; with --json the one document of all.
 *
 * @param found the side that ended early, where one did: halves are not compared
 */
function conclude(
  { folder, documents }: { readonly folder: string | undefined; readonly documents: Documents },
  found: Comparison | SideName,
  context: CommandContext,
): void {
  const comparison = typeof found === "string" ? undefined : found;
  const document = () => ({
    schema: "baleen.both/1",
    bundle: folder,
    local: documents.local,
    remote: documents.remote,
    comparison: comparison && buildComparisonJson(comparison),
  });
  const written = folder === undefined ? "" : `\n\nComparison: ${join(folder, "comparison.txt")}`;
  const text =
    comparison === undefined
      ? `No comparison: the ${found} sweep ended early, and halves are not compared.`
      : `${formatComparison(comparison)}${written}`;
  printFound(context, document, `\n${text}`);
}
