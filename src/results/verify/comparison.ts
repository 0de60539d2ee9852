import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatJson } from "../../core/documents/numbers.ts";
import { compareSweeps } from "../analysis/comparison/compare.ts";
import { buildComparisonJson } from "../bundle/comparison-files.ts";
import { formatComparison } from "../report/blocks/comparison.ts";
import { readObject } from "./contents/files.ts";
import type { Findings } from "./contents/findings.ts";
import type { VerifiedBundle } from "./verify-bundle.ts";

const names = ["comparison.json", "comparison.txt"] as const;

/**
 * comparison.json and comparison.txt, made again from the runs of both sweeps, are the same to the byte.
 *
 * @returns whether there are any: where a sweep ended early, and was gone on with, nobody compared
 */
export async function checkComparison(
  folder: string,
  { local, remote }: Partial<Record<"local" | "remote", Pick<VerifiedBundle, "contents">>>,
  findings: Findings,
): Promise<boolean> {
  const files = new Map<string, string>();
  for (const name of await readdir(folder)) {
    const isKnown = names.some((known) => known === name);
    const belongs = isKnown || name === "local" || name === "remote" || name.startsWith(".");
    const follows = "nothing: two sweeps and their comparison have no such file";
    findings.in(name).holds("it", "something", belongs, follows);
    if (isKnown) files.set(name, await readFile(join(folder, name), "utf8"));
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
  const comparison = compareSweeps(side("a", local), side("b", remote));
  const [document, words] = names.map((name) => files.get(name) ?? "") as [string, string];
  findings.in(names[0]).sameDocument(document, formatJson(buildComparisonJson(comparison)));
  findings.in(names[1]).sameText(words, `${formatComparison(comparison)}\n`);
  return true;
}

function pathOf(side: unknown): string {
  const path = (side as { readonly path?: unknown } | undefined)?.path;
  return typeof path === "string" ? path : "";
}
