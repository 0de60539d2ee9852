/** What sweeps come to beside each other: comparison.json and comparison.txt, and calibration.json. */
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { type Calibration, calibrationForm } from "../../contracts/results/calibration.ts";
import { type Comparison, comparisonForm } from "../../contracts/results/comparison.ts";
import { readForm } from "../../core/documents/check-form.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { Fields } from "../schema/fields.ts";
import { refuseEarlier } from "../schema/read-error.ts";
import { inForm, readJson } from "./document.ts";
import { writeFileAtomically } from "./files/atomic-file.ts";
import { makeFolders } from "./folders.ts";
import { writing } from "./write-error.ts";
import { pageName } from "./writer.ts";

/** The published form of a comparison. @throws InvalidArgumentError where a number is not finite */
export const buildComparisonJson = (comparison: Comparison) => writeForm(comparisonForm, comparison);

/**
 * Writes comparison.json, comparison.txt and report.html into a folder, each whole or not at all; former ones are
 * replaced.
 *
 * @param shown the comparison in words, made by report/, and its page, made by page/
 * @throws BundleWriteError
 */
export async function writeComparison(
  folder: string,
  comparison: Comparison,
  { text, page }: { readonly text: string; readonly page: string },
): Promise<void> {
  const document = formatJson(buildComparisonJson(comparison));
  await writing(folder, () => makeFolders(folder));
  await writeFileAtomically(join(folder, "comparison.json"), document);
  await writeFileAtomically(join(folder, "comparison.txt"), text);
  await writeFileAtomically(join(folder, pageName), page);
}

export const calibrationName = "calibration.json";

/** @throws InvalidArgumentError where a number is not finite */
export const buildCalibrationJson = (calibration: Calibration) => writeForm(calibrationForm, calibration);

/** @throws BundleWriteError */
export async function writeCalibration(path: string, calibration: Calibration): Promise<void> {
  await writeFileAtomically(path, formatJson(buildCalibrationJson(calibration)));
}

/** @param path as somebody names it; may be a link @throws BundleReadError naming what is missing or wrong */
export async function readCalibration(path: string): Promise<Calibration> {
  const document = await readJson(await realpath(path).catch(() => path));
  return inForm(path, () => parseCalibration(document), "it is not a calibration: ");
}

function parseCalibration(document: unknown): Calibration {
  const fields = new Fields(document);
  if (fields.text("schema") === "baleen.calibration/1") {
    for (const load of fields.objects("loads", (one) => one)) refuseEarlier(load, ["load_kind"]);
  }
  return readForm(calibrationForm, document);
}
