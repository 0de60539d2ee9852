import { join, resolve } from "node:path";
import type { Calibration } from "../../contracts/results/calibration.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { describeError } from "../../core/errors.ts";
import { calibrateLoads } from "../analysis/comparison/calibrate.ts";
import { comparePair, type PairPart } from "../analysis/comparison/explain-links.ts";
import {
  buildCalibrationJson,
  buildComparisonJson,
  calibrationName,
  readCalibration,
} from "../bundle/comparison-files.ts";
import { readBundleDocument, readBundleText } from "../bundle/files/bundle-file.ts";
import { manifestName } from "../bundle/manifest.ts";
import { listNames, partsOf, readVariation, variationName } from "../bundle/parts.ts";
import { pageName } from "../bundle/writer.ts";
import { formatComparison } from "../report/blocks/comparison.ts";
import { BundleReadError, notEnded } from "../schema/read-error.ts";
import { readObject } from "./contents/files.ts";
import { Findings } from "./contents/findings.ts";
import type { OpenLimits } from "./contents/parameters.ts";
import { type Verification, type VerifiedBundle, verifyOne } from "./verify-bundle.ts";
import { checkNames, checkVariation, type VerifiedPoint } from "./verify-variation.ts";

const pairParts: readonly PairPart[] = ["local", "remote", "linked"];

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
  if (names.includes(variationName)) return await verifyVariation(folder, openLimits);
  if (names.includes("local")) return await verifyPair(folder, names, openLimits);
  if (names.includes("runs")) return await verifyCalibration(folder, openLimits);
  throw new BundleReadError(folder, "it is not a bundle: manifest.json is missing.");
}

async function verifyPair(
  folder: string,
  names: readonly string[],
  openLimits: OpenLimits,
): Promise<Verification> {
  const verified: Partial<Record<PairPart, VerifiedBundle>> = {};
  for (const part of pairParts) {
    if (names.includes(part)) verified[part] = await verifyEnded(join(folder, part), openLimits);
  }
  return joinParts(folder, verified, "comparison of both", checkComparison);
}

/** Points that were never begun have nothing to verify. */
async function verifyVariation(folder: string, openLimits: OpenLimits): Promise<Verification> {
  const variation = await readVariation(folder);
  const verified: Record<string, VerifiedPoint> = {};
  const begun = await partsOf(folder, await listNames(folder));
  const ended = variation.points.filter(
    ({ bundle, status }) => status === "finished" || begun.includes(bundle),
  );
  for (const { bundle } of ended) {
    const { verification, contents } = await verifyEnded(join(folder, bundle), openLimits);
    // Not all contents of a hundred bundles at once.
    const { files, parameters } = contents;
    // What is wrong with its form was told with the bundle.
    const summary = readObject(files, "summary.json", new Findings());
    verified[bundle] = { verification, parameters, endedEarly: summary?.has("ended_early") };
  }
  return joinParts(folder, verified, variationName, (_, parts, findings) =>
    checkVariation(folder, variation, parts, findings),
  );
}

async function verifyCalibration(folder: string, openLimits: OpenLimits): Promise<Verification> {
  const runs = await verifyEnded(join(folder, "runs"), openLimits);
  return joinParts(folder, { runs }, calibrationName, checkCalibration);
}

async function verifyEnded(folder: string, openLimits: OpenLimits): Promise<VerifiedBundle> {
  if (!(await listNames(folder)).includes(manifestName)) throw notEnded(folder);
  return await verifyOne(folder, openLimits);
}

/** Bundles in one folder, by their names there, and what was made of them. @param check whether that is there */
async function joinParts<Parts extends Readonly<Record<string, Pick<VerifiedBundle, "verification">>>>(
  folder: string,
  parts: Parts,
  made: string,
  check: (folder: string, parts: Parts, findings: Findings) => Promise<boolean>,
): Promise<Verification> {
  const findings = new Findings();
  const isThere = await check(folder, parts, findings);
  const title = `${made}${isThere ? ", made again" : ": none was written"}`;
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

const comparisonNames = ["comparison.json", "comparison.txt"] as const;

/**
 * comparison.json and comparison.txt, made again from the runs of both sweeps, are the same to the byte.
 *
 * @returns whether there are any: where a sweep ended early, and was gone on with, nobody compared
 */
export async function checkComparison(
  folder: string,
  { local, remote, linked }: Partial<Record<PairPart, Pick<VerifiedBundle, "contents">>>,
  findings: Findings,
): Promise<boolean> {
  const follows = "nothing: the sweeps and their comparison have no such file";
  const names = await checkNames(folder, [...comparisonNames, pageName, ...pairParts], follows, findings);
  const files = new Map<string, string>();
  for (const name of comparisonNames) {
    if (names.includes(name)) files.set(name, await readBundleText(join(folder, name)));
  }
  if (files.size === 0 || local === undefined || remote === undefined) return files.size > 0;
  const stored = readObject(files, "comparison.json", findings);
  if (stored === undefined) return true;
  const side = (name: "a" | "b", { contents }: Pick<VerifiedBundle, "contents">) => ({
    // Where the bundles lay then is nothing that could be computed.
    path: pathOf(stored.value(name)),
    networkType: name === "a" ? ("local" as const) : ("remote" as const),
    runs: contents.runs,
  });
  // Why links were not explained then, such as an error, does not follow from runs either.
  const { unexplained } = stored.all();
  const third = linked && { path: "", networkType: "local" as const, runs: linked.contents.runs };
  const explaining = typeof unexplained === "string" ? { unexplained } : { linked: third };
  const comparison = comparePair({ local: side("a", local), remote: side("b", remote), ...explaining });
  const [document, words] = comparisonNames;
  const follow = formatJson(buildComparisonJson(comparison));
  findings.in(document).sameDocument(files.get(document) ?? "", follow);
  findings.in(words).sameText(files.get(words) ?? "", `${formatComparison(comparison)}\n`);
  return true;
}

function pathOf(side: unknown): string {
  const path = (side as { readonly path?: unknown } | undefined)?.path;
  return typeof path === "string" ? path : "";
}

/**
 * calibration.json, made again from the runs beside it, is the same to the byte; when and on what it was made is told
 * once.
 *
 * @returns whether there is one: a sweep that ended early, and was gone on with, has none
 */
export async function checkCalibration(
  folder: string,
  { runs: { contents } }: Readonly<Record<"runs", Pick<VerifiedBundle, "contents">>>,
  findings: Findings,
): Promise<boolean> {
  const follows = "nothing: a calibration has no such file";
  const names = await checkNames(folder, [calibrationName, "runs"], follows, findings);
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
  const document = formatJson(buildCalibrationJson({ ...stored, networkType, loads: calibrateLoads(runs) }));
  found.sameDocument(await readBundleDocument(path), document);
  return true;
}
