import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatJson } from "../../core/documents/numbers.ts";
import { compareSweeps } from "../analysis/comparison/compare.ts";
import { buildComparisonJson } from "../bundle/comparison-files.ts";
import { formatComparison } from "../report/blocks/comparison.ts";
import { readObject } from "./contents/contents.ts";
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
    findings.holds({ file: name, key: "it" }, "something", {
      holds: isKnown || name === "local" || name === "remote" || name.startsWith("."),
      follows: "nothing: two sweeps and their comparison have no such file",
    });
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
  const document = formatJson(buildComparisonJson(comparison));
  const text = files.get("comparison.json") ?? "";
  findings.sameJson({ file: "comparison.json", key: "" }, JSON.parse(text), JSON.parse(document));
  findings.sameText("comparison.json", text, document);
  findings.sameText("comparison.txt", files.get("comparison.txt") ?? "", `${formatComparison(comparison)}\n`);
  return true;
}

function pathOf(side: unknown): string {
  const path = (side as { readonly path?: unknown } | undefined)?.path;
  return typeof path === "string" ? path : "";
}
