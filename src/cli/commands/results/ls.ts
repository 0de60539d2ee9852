import { buildBundlesJson, listBundles } from "../../../results/bundle/list-bundles.ts";
import { formatBundleTable } from "../../../results/report/tables/bundle-table.ts";
import { formatForeign } from "../../../results/report/text/figures.ts";
import { preflightLook } from "../../../run/prepare/preflight.ts";
import { readOutputDir } from "../../options/own-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";

/** `ls [FOLDER]`: the bundles of a folder. */
export const runLs: Command = async ({ given, words, diagnostics }, context) => {
  const place = readOutputDir(given);
  const folder = words[0] ?? place.outputDir;
  const known = [...diagnostics, ...place.diagnostics];
  const bundles = await preflightLook(known, () => listBundles(folder), context.signal);
  const text =
    bundles.length > 0 ? formatBundleTable(bundles) : `There are no bundles in ${formatForeign(folder)}.`;
  printFound(context, () => buildBundlesJson(folder, bundles), text);
  return 0;
};
