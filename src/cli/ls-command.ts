import { buildBundlesJson } from "../bundle/bundles-json.ts";
import { type ListedBundle, listBundles } from "../bundle/list-bundles.ts";
import { formatJson } from "../bundle/numbers.ts";
import type { Fault } from "../core/errors.ts";
import { formatBundleTable } from "../report/bundle-table.ts";
import { formatForeign } from "../report/figures.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { readOutputDir } from "./output-dir.ts";
import { preflight } from "./preflight.ts";

/** `ls [FOLDER]`: the bundles of a folder. */
export async function runLs(
  { given, words, faults }: CommandRequest,
  { terminal, settings, signal }: CommandContext,
): Promise<ExitCode> {
  const place = readOutputDir(given);
  const folder = words[0] ?? place.outputDir;
  let bundles: readonly ListedBundle[] = [];
  const look = async (): Promise<readonly Fault[]> => {
    bundles = await listBundles(folder);
    return [];
  };
  await preflight([...faults, ...place.faults], [look], signal);
  if (settings.json) terminal.print(formatJson(buildBundlesJson(folder, bundles)).trimEnd());
  else if (bundles.length > 0) terminal.print(formatBundleTable(bundles));
  else terminal.print(`There are no bundles in ${formatForeign(folder)}.`);
  return 0;
}
