import { formatForeign } from "../../../core/text/foreign-text.ts";
import { rules } from "../../../options/rules/rules.ts";
import { buildBundlesJson, type ListedBundle, listBundles } from "../../../results/bundle/list-bundles.ts";
import { formatBundleTable } from "../../../results/report/tables/bundle-table.ts";
import { preflightLook } from "../../../run/prepare/preflight.ts";
import { readOutputDir } from "../../options/command-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";

/** `ls [FOLDER]`: the bundles of a folder, or those with a name or tags. */
export const runLs: Command = async (request, context) => {
  const outputDir = readOutputDir(request);
  const folder = request.words[0] ?? outputDir;
  const asked = {
    name: request.read(rules.name, request.given.name, undefined),
    tags: request.read(rules.tag, request.given.tag, {}),
  };
  const all = await preflightLook(request.diagnostics, () => listBundles(folder), context.signal);
  const bundles = all.filter((bundle) => isAsked(bundle, asked));
  const which = all.length > 0 ? " with this name and these tags" : "";
  const text =
    bundles.length > 0
      ? formatBundleTable(bundles)
      : `There are no bundles${which} in ${formatForeign(folder)}.`;
  printFound(context, () => buildBundlesJson(folder, bundles), text);
  return 0;
};

interface AskedLabels {
  readonly name: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Letters of either case count as the same in a name. */
function isAsked({ sweep }: ListedBundle, { name = "", tags }: AskedLabels): boolean {
  const label = sweep?.label ?? "";
  const has = ([key, value]: [string, string]) => sweep?.tags?.[key] === value;
  return label.toLowerCase().includes(name.toLowerCase()) && Object.entries(tags).every(has);
}
