import { formatJson } from "../../../core/documents/numbers.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { buildBundlesJson } from "../../../results/bundle/bundles-json.ts";
import { type ListedBundle, listBundles } from "../../../results/bundle/list-bundles.ts";
import { formatBundleTable } from "../../../results/report/tables/bundle-table.ts";
import { formatForeign } from "../../../results/report/text/figures.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import { readOutputDir } from "../../options/output-dir.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";

/** `ls [FOLDER]`: the bundles of a folder. */
export async function runLs(
  { given, words, diagnostics }: CommandRequest,
  { terminal, settings, signal }: CommandContext,
): Promise<ExitCode> {
  const place = readOutputDir(given);
  const folder = words[0] ?? place.outputDir;
  let bundles: readonly ListedBundle[] = [];
  const look = async (): Promise<readonly Diagnostic[]> => {
    bundles = await listBundles(folder);
    return [];
  };
  await preflight([...diagnostics, ...place.diagnostics], [look], signal);
  if (settings.json) terminal.print(formatJson(buildBundlesJson(folder, bundles)).trimEnd());
  else if (bundles.length > 0) terminal.print(formatBundleTable(bundles));
  else terminal.print(`There are no bundles in ${formatForeign(folder)}.`);
  return 0;
}
