import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { describeError } from "../../../core/errors.ts";
import { checkEntries, readBundleText } from "../../bundle/files/bundle-file.ts";
import { Fields } from "../../schema/fields.ts";
import type { Findings } from "./findings.ts";

/** Texts of a bundle's files but for its nodes' logs and dumps of packets, by path within it, with forward slashes. */
export type Files = ReadonlyMap<string, string>;

/** @throws BundleReadError */
export async function readFiles(folder: string): Promise<Map<string, string>> {
  await checkEntries(folder);
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join("/");
    if (!entry.isFile() || entry.name.startsWith(".")) continue;
    if (name.startsWith("logs/") || name.endsWith(".pcapng")) continue;
    files.set(name, await readBundleText(path, { folder }));
  }
  return files;
}

/** A file that every bundle has; undefined, and told, where it is not there. */
export function textOf(files: Files, file: string, findings: Findings): string | undefined {
  const text = files.get(file);
  if (text === undefined) findings.in(file).add("it", "nothing", "a file that every bundle has");
  return text;
}

/** The same, which is a JSON object; undefined, and told, where it is none. */
export function readObject(files: Files, file: string, findings: Findings): Fields | undefined {
  const text = textOf(files, file, findings);
  if (text === undefined) return undefined;
  try {
    return new Fields(JSON.parse(text));
  } catch (error) {
    findings.in(file).add("its form", describeError(error), "a JSON object");
    return undefined;
  }
}
