import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Calibration } from "../../contracts/results/calibration.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { describeError } from "../../core/errors.ts";
import { calibrateLoads } from "../analysis/comparison/calibrate.ts";
import { buildCalibrationJson, calibrationName, readCalibration } from "../bundle/calibration-file.ts";
import type { Findings } from "./contents/findings.ts";
import type { VerifiedBundle } from "./verify-bundle.ts";

/**
 * calibration.json, made again from the runs beside it, is the same to the byte; when and on what it was made is told
 * once.
 *
 * @returns whether there is one: a sweep that ended early, and was gone on with, has none
 */
export async function checkCalibration(
  folder: string,
  { contents }: Pick<VerifiedBundle, "contents">,
  findings: Findings,
): Promise<boolean> {
  const names = await readdir(folder);
  for (const name of names) {
    const isKnown = name === calibrationName || name === "runs" || name.startsWith(".");
    findings.in(name).holds("it", "something", isKnown, "nothing: a calibration has no such file");
  }
  if (!names.includes(calibrationName)) return false;
  const path = join(folder, calibrationName);
  const found = findings.in(calibrationName);
  let stored: Calibration;
  try {
    stored = await readCalibration(path);
  } catch (error) {
    found.add("its form", describeError(error), "a calibration");
    return true;
  }
  const { runs, parameters } = contents;
  const networkType = parameters?.networkType ?? runs[0]?.parameters.networkType ?? stored.networkType;
  const follows = formatJson(buildCalibrationJson({ ...stored, networkType, loads: calibrateLoads(runs) }));
  found.sameDocument(await readFile(path, "utf8"), follows);
  return true;
}
