/** Folders that hold several bundles: of both networks, of a calibration, of points of a variation. */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Variation, variationForm } from "../../contracts/results/variation.ts";
import { FormError, readForm } from "../../core/documents/check-form.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { systemCode } from "../../core/errors.ts";
import { BundleReadError, unreadable } from "../schema/read-error.ts";
import { inForm, readJson } from "./document.ts";
import { writeFileAtomically } from "./files/atomic-file.ts";
import { makeFolders } from "./folders.ts";
import { writing } from "./write-error.ts";
import { pageName } from "./writer.ts";

export const variationName = "variation.json";

/** What nodes use, beside a variation of the committee's size. */
export const resourcePictures = {
  svg: "resource_comparison.svg",
  png: "resource_comparison.png",
} as const;

/** The published form of a variation. */
export const buildVariationJson = (variation: Variation) => writeForm(variationForm, variation);

/** Writes variation.json, whole or not at all; a former one is replaced. @throws BundleWriteError */
export async function writeVariation(folder: string, variation: Variation): Promise<void> {
  await writing(folder, () => makeFolders(folder));
  await writeFileAtomically(join(folder, variationName), formatJson(buildVariationJson(variation)));
}

/** Writes the page of a variation beside it. @throws BundleWriteError */
export async function writeVariationPage(folder: string, page: string): Promise<void> {
  await writeFileAtomically(join(folder, pageName), page);
}

/** @throws BundleReadError naming what is missing or wrong */
export async function readVariation(folder: string): Promise<Variation> {
  const path = join(folder, variationName);
  const document = await readJson(path);
  return inForm(path, () => checkPoints(readForm(variationForm, document)), "it is not a variation: ");
}

/** Each point has values of all options, each once, and a folder of its own beside the file. */
function checkPoints(variation: Variation): Variation {
  const { options, points } = variation;
  const [bundles, places] = [new Set<string>(), new Set<string>()];
  for (const { bundle, values } of points) {
    if (/[/\\\p{C}]/u.test(bundle) || bundle === "" || bundle.startsWith(".")) {
      throw new FormError("points.bundle", "the name of a folder beside this file");
    }
    const isAllowed = options.every((option, place) => option.values.includes(values[place] ?? ""));
    if (values.length !== options.length || !isAllowed) {
      throw new FormError("points.values", "a value of each option");
    }
    bundles.add(bundle);
    places.add(JSON.stringify(values));
  }
  if (bundles.size < points.length || places.size < points.length) {
    throw new FormError("points", "points that differ, each with a bundle of its own");
  }
  return variation;
}

const folderTroubles: Readonly<Record<string, string>> = {
  ENOENT: "the folder does not exist.",
  ENOTDIR: "it is a file, not a folder.",
};

/** @throws BundleReadError */
export async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw unreadable(folder, error, folderTroubles[systemCode(error) ?? ""]);
  }
}

/**
 * Names of the bundles in a folder that is none itself, those that were begun.
 *
 * @param names of all that is in the folder
 * @throws BundleReadError where it says wrongly what it holds
 */
export async function partsOf(folder: string, names: readonly string[]): Promise<readonly string[]> {
  if (names.includes("parameters.json")) return [];
  const parts = names.includes(variationName)
    ? (await readVariation(folder)).points.map(({ bundle }) => bundle)
    : ["local", "remote", "linked", "runs"];
  return parts.filter((part) => names.includes(part));
}

/** The folder, or where it is none but holds some, those of its bundles. @throws BundleReadError */
export async function bundlesIn(path: string): Promise<readonly string[]> {
  const parts = await partsOf(resolve(path), await listNames(resolve(path)));
  return parts.length === 0 ? [path] : parts.map((part) => join(path, part));
}

/** The variation whose points a folder holds; undefined where it holds none. @throws BundleReadError */
export async function findVariation(folder: string): Promise<Variation | undefined> {
  return (await listNames(resolve(folder))).includes(variationName)
    ? await readVariation(resolve(folder))
    : undefined;
}

const mostNamed = 4;

/** Why a folder is no bundle. @throws BundleReadError where it says wrongly what it holds */
export async function noBundle(folder: string, names: readonly string[]): Promise<BundleReadError> {
  const inside = (await partsOf(folder, names)).map((part) => join(folder, part));
  const shown = inside.slice(0, mostNamed);
  const more = inside.length > mostNamed ? `, or one of ${inside.length - mostNamed} more` : "";
  const reason =
    inside.length === 0
      ? "it is not a bundle: parameters.json is missing."
      : `it is not a bundle, but may contain some. Name one: ${shown.join(" or ")}${more}.`;
  return new BundleReadError(folder, reason);
}
