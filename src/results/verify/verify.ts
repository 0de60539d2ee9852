import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describeError } from "../../core/errors.ts";
import { manifestName } from "../bundle/manifest.ts";
import { BundleReadError, notEnded } from "../schema/read-error.ts";
import { checkCalibration } from "./calibration.ts";
import { checkComparison } from "./comparison.ts";
import { Findings } from "./contents/findings.ts";
import type { OpenLimits } from "./contents/parameters.ts";
import { type Verification, type VerifiedBundle, verifyOne } from "./verify-bundle.ts";

const sides = ["local", "remote"] as const;

/**
 * Computes again everything in a bundle that follows from something else in it, and compares; of a folder with the
 * sweeps of both networks, or with that of a calibration, each of them, and what was made of them. It finds mistakes
 * and edits. Whoever makes up a whole bundle with care is not found out.
 *
 * @throws BundleReadError where there is no bundle whose sweep came to an end
 */
export async function verifyBundle(path: string, openLimits: OpenLimits): Promise<Verification> {
  const folder = resolve(path);
  const names = await listNames(folder);
  if (names.includes(manifestName)) return (await verifyOne(folder, openLimits)).verification;
  if (names.includes("parameters.json")) throw notEnded(folder, path);
  if (names.includes("local")) return await verifyPair(folder, names, openLimits);
  if (names.includes("runs")) return await verifyCalibration(folder, openLimits);
  throw new BundleReadError({ path: folder, reason: "it is no bundle: manifest.json is not there." });
}

async function verifyPair(
  folder: string,
  names: readonly string[],
  openLimits: OpenLimits,
): Promise<Verification> {
  const verified: Partial<Record<(typeof sides)[number], VerifiedBundle>> = {};
  for (const side of sides) {
    if (names.includes(side)) verified[side] = await verifyEnded(join(folder, side), openLimits);
  }
  const findings = new Findings();
  const isThere = await checkComparison(folder, verified, findings);
  const title = isThere ? "comparison of both, made again" : "comparison of both: none was written";
  return joinParts(folder, verified, { title, findings });
}

async function verifyCalibration(folder: string, openLimits: OpenLimits): Promise<Verification> {
  const runs = await verifyEnded(join(folder, "runs"), openLimits);
  const findings = new Findings();
  const isThere = await checkCalibration(folder, runs, findings);
  const title = isThere ? "calibration.json, made again" : "calibration.json: none was written";
  return joinParts(folder, { runs }, { title, findings });
}

async function verifyEnded(folder: string, openLimits: OpenLimits): Promise<VerifiedBundle> {
  if (!(await listNames(folder)).includes(manifestName)) throw notEnded(folder);
  return await verifyOne(folder, openLimits);
}

/** Bundles in one folder, by their names there, and what was made of them. */
function joinParts(
  folder: string,
  parts: Readonly<Record<string, VerifiedBundle>>,
  { title, findings }: { readonly title: string; readonly findings: Findings },
): Verification {
  const each = Object.entries(parts).map(([name, { verification }]) => ({ name, ...verification }));
  const { compared, differences } = findings;
  return {
    folder,
    runs: each.reduce((sum, { runs }) => sum + runs, 0),
    checks: [
      ...each.flatMap(({ name, checks }) =>
        checks.map((check) => ({ ...check, title: `${name}: ${check.title}` })),
      ),
      { title, compared, differences: differences.length },
    ],
    differences: [
      ...each.flatMap((part) =>
        part.differences.map((difference) => ({ ...difference, file: `${part.name}/${difference.file}` })),
      ),
      ...differences,
    ],
  };
}

async function listNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new BundleReadError({ path: folder, reason: `${describeError(error)}.` }, { cause: error });
  }
}
