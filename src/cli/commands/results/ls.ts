import { formatForeign } from "../../../core/text/foreign-text.ts";
import { buildBundlesJson, listBundles } from "../../../results/bundle/list-bundles.ts";
import { formatBundleTable } from "../../../results/report/tables/bundle-table.ts";
import { preflightLook } from "../../../run/prepare/preflight.ts";
import { readOutputDir } from "../../options/command-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";

/** `ls [FOLDER]`: the bundles of a folder. */
export const runLs: Command = async (request, context) => {
  const outputDir = readOutputDir(request);
  const folder = request.words[0] ?? outputDir;
  const bundles = await preflightLook(request.diagnostics, () => listBundles(folder), context.signal);
  const text =
    bundles.length > 0 ? formatBundleTable(bundles) : `There are no bundles in ${formatForeign(folder)}.`;
  printFound(context, () => buildBundlesJson(folder, bundles), text);
  return 0;
};
