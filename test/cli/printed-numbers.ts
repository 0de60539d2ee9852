/** Which numbers a page may print: those of a bundle's files, in the forms in which reports show them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  formatAsked,
  formatBytes,
  formatFigure,
  formatPercent,
} from "../../src/results/report/text/figures.ts";

/** Numbers that stand alone: no parts of names such as p99 or node3. */
export const numbersIn = (text: string): string[] => text.match(/(?<![\w.])\d+(?:\.\d+)?(?!\w|\.\d)/g) ?? [];

/** Texts of all files but the page, its logs and its binary histograms. */
async function readTexts(bundle: string): Promise<string[]> {
  const names = (await readdir(bundle)).filter(
    (name) => /\.(json|csv)$/.test(name) && name !== "manifest.json",
  );
  return await Promise.all(names.map((name) => readFile(join(bundle, name), "utf8")));
}

/** Every form in which the reports show a number of a file: rounded, as percent, as bytes, as half an interval. */
function* formsOf(value: number): Generator<string> {
  const size = Math.abs(value);
  yield* [String(size), formatFigure(size), formatAsked(size), formatPercent(size / 100), formatBytes(size)];
  for (const digits of [0, 1, 2]) yield size.toFixed(digits);
  // Shares of machines: half a tenth is rounded up.
  yield (Math.round(size * 10) / 10).toFixed(1);
}

function* halfIntervals(value: unknown): Generator<number> {
  if (typeof value !== "object" || value === null) return;
  const { low, high } = value as { readonly low?: unknown; readonly high?: unknown };
  if (typeof low === "number" && typeof high === "number") yield (high - low) / 2;
  for (const item of Object.values(value)) yield* halfIntervals(item);
}

/** @param counted runs by verdict, and the like: counts of what stands in lists */
export async function printableNumbers(
  bundle: string,
  counted: readonly number[],
): Promise<ReadonlySet<string>> {
  const texts = await readTexts(bundle);
  const documents = texts.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text) as unknown);
  const found = texts
    .flatMap((text) => [...numbersIn(text), ...(text.match(/\d+(?:\.\d+)?/g) ?? [])])
    .map(Number);
  const values = new Set([...found, ...documents.flatMap((one) => [...halfIntervals(one)]), ...counted]);
  return new Set([...values].flatMap((value) => [...formsOf(value)].flatMap(numbersIn)));
}
