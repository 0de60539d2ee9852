import { BaleenError } from "../../core/errors.ts";
import { openReader } from "../../options/rules/rule.ts";
import { findBundle } from "../../results/bundle/find-bundle.ts";
import { readLinksLike } from "../../run/prepare/links-like.ts";
import { readOutputDir } from "./command-options.ts";
import type { GatheredOptions } from "./sources.ts";

/** The same, with the links that a remote run measured in place of the name of its bundle. */
export async function withMeasuredLinks(gathered: GatheredOptions): Promise<GatheredOptions> {
  const { given, diagnostics } = gathered;
  const { linksLike } = given;
  if (typeof linksLike?.value !== "string" || linksLike.value === "") return gathered;
  try {
    // Errors of the folder are reported elsewhere.
    const outputDir = readOutputDir({ ...openReader(), given });
    const value = await readLinksLike(await findBundle(linksLike.value, outputDir));
    return { ...gathered, given: { ...given, linksLike: { ...linksLike, value } } };
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error;
    diagnostics.push({ code: error.code, message: `${linksLike.name}: ${error.message}` });
    return gathered;
  }
}
