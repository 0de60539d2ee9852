import { join } from "node:path";
import { type Comparison, comparisonForm } from "../../contracts/results/comparison.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import { makeFolders } from "./folders.ts";
import { writing } from "./write-error.ts";

/** @throws InvalidArgumentError where a number is not finite */
export const buildComparisonJson = (comparison: Comparison) => writeForm(comparisonForm, comparison);

/**
 * Writes comparison.json and comparison.txt into a folder, each whole or not at all; former ones are replaced.
 *
 * @param text the comparison in words, made by report/
 * @throws BundleWriteError
 */
export async function writeComparison(folder: string, comparison: Comparison, text: string): Promise<void> {
  const document = formatJson(buildComparisonJson(comparison));
  await writing(folder, () => makeFolders(folder));
  await writeFileAtomically(join(folder, "comparison.json"), document);
  await writeFileAtomically(join(folder, "comparison.txt"), text);
}
