import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { manifestName } from "../bundle/manifest.ts";
import { BundleReadError, notEnded } from "../bundle/read-error.ts";
import type { ProtocolLimits } from "../config/check.ts";
import { describeError } from "../core/errors.ts";
import { checkComparison } from "./check-comparison.ts";
import { Findings } from "./findings.ts";
import { type Verification, type VerifiedBundle, verifyOne } from "./verify-bundle.ts";

const sides = ["local", "remote"] as const;

/**
 * Computes again everything in a bundle that follows from something else in it, and compares; of a folder with the
 * sweeps of both networks, each of them, and their comparison. It finds mistakes and edits. Whoever makes up a whole
 * bundle with care is not found out.
 *
 * @throws BundleReadError where there is no bundle whose sweep came to an end
 */
export async function verifyBundle(path: string, protocol: ProtocolLimits): Promise<Verification> {
  const folder = resolve(path);
  const names = await listNames(folder);
  if (names.includes(manifestName)) return (await verifyOne(folder, protocol)).verification;
  if (names.includes("parameters.json")) throw notEnded(folder, path);
  if (!names.includes("local")) {
    throw new BundleReadError({ path: folder, reason: "it is no bundle: manifest.json is not there." });
  }
  return await verifyPair(folder, names, protocol);
}

async function verifyPair(
  folder: string,
  names: readonly string[],
  protocol: ProtocolLimits,
): Promise<Verification> {
  const verified: { local?: VerifiedBundle; remote?: VerifiedBundle } = {};
  for (const side of sides) {
    const own = join(folder, side);
    if (!names.includes(side)) continue;
    if (!(await listNames(own)).includes(manifestName)) throw notEnded(own);
    verified[side] = await verifyOne(own, protocol);
  }
  const findings = new Findings();
  await checkComparison(folder, verified, findings);
  const each = sides.flatMap((side) => {
    const one = verified[side]?.verification;
    return one === undefined ? [] : [{ side, ...one }];
  });
  return {
    folder,
    runs: each.reduce((sum, { runs }) => sum + runs, 0),
    checks: [
      ...each.flatMap(({ side, checks }) =>
        checks.map((check) => ({ ...check, title: `${side}: ${check.title}` })),
      ),
      {
        title: "comparison of both, made again",
        compared: findings.compared,
        differences: findings.differences.length,
      },
    ],
    differences: [
      ...each.flatMap(({ side, differences }) =>
        differences.map((difference) => ({ ...difference, file: `${side}/${difference.file}` })),
      ),
      ...findings.differences,
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
