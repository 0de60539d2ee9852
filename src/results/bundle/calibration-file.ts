/** calibration.json: schema/calibration.schema.json describes every key. */
import { type Calibration, calibrationForm } from "../../contracts/results/calibration.ts";
import { FormError, readForm } from "../../core/documents/check-form.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { describeError } from "../../core/errors.ts";
import { Fields } from "../schema/fields.ts";
import { BundleReadError, EarlierVersionError, refuseEarlier } from "../schema/read-error.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import { readJson } from "./reader.ts";

export const calibrationName = "calibration.json";

/** @throws InvalidArgumentError where a number is not finite */
export const buildCalibrationJson = (calibration: Calibration) => writeForm(calibrationForm, calibration);

/** @throws BundleWriteError */
export async function writeCalibration(path: string, calibration: Calibration): Promise<void> {
  await writeFileAtomically(path, formatJson(buildCalibrationJson(calibration)));
}

/** @throws BundleReadError naming what is missing or wrong */
export async function readCalibration(path: string): Promise<Calibration> {
  const document = await readJson(path);
  try {
    return parseCalibration(document);
  } catch (error) {
    const isOther = error instanceof FormError && !(error instanceof EarlierVersionError);
    const why = isOther ? `it is no calibration: ${error.message}` : describeError(error);
    throw new BundleReadError(path, { reason: `${why}.`, cause: error });
  }
}

function parseCalibration(document: unknown): Calibration {
  const fields = new Fields(document);
  if (fields.text("schema") === "baleen.calibration/1") {
    for (const load of fields.objects("loads", (one) => one)) refuseEarlier(load, ["load_kind"]);
  }
  return readForm(calibrationForm, document);
}
