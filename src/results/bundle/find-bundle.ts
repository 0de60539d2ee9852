import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BundleReadError } from "../schema/read-error.ts";
import { isThere } from "./folders.ts";

/** The word for the newest bundle of a folder. */
export const lastBundle = "last";

const bundleName = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-(local|remote|both|calibration)-([\w.-]+)$/;

/** What the name of a bundle's folder tells, as a sweep gives it; undefined where somebody else did. */
export interface BundleNameParts {
  /** When the sweep began: wall time, RFC 3339 UTC. */
  readonly startedAt: string;
  readonly kind: "local" | "remote" | "both" | "calibration";
  readonly id: string;
}

export function parseBundleName(name: string): BundleNameParts | undefined {
  const [, year, month, day, hours, minutes, seconds, kind, id] = bundleName.exec(name) ?? [];
  if (kind === undefined || id === undefined) return undefined;
  const startedAt = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.000Z`;
  return { startedAt, kind: kind as BundleNameParts["kind"], id };
}

/**
 * The path of the bundle that a word stands for: a path; `last`, the newest one of `outputDir`; or how the name or the
 * id of one of them begins, where it is the only one. Something in a bundle may follow behind a slash.
 *
 * @throws BundleReadError where it stands for none, or for several
 */
export async function findBundle(word: string, outputDir: string): Promise<string> {
  const [head = "", ...inside] = word.split("/");
  if (head === "" || head.startsWith(".")) return word;
  if (head !== lastBundle && (await isThere(word))) return word;
  const names = await listFolders(outputDir).catch((): string[] => []);
  if (head === lastBundle) {
    const newest = names.filter((name) => parseBundleName(name) !== undefined).at(-1);
    if (newest !== undefined) return join(outputDir, newest, ...inside);
    throw new BundleReadError(word, `there is no bundle in ${outputDir}. Use the path of a bundle.`);
  }
  const matches = names.filter(
    (name) => name.startsWith(head) || parseBundleName(name)?.id.startsWith(head) === true,
  );
  const [match] = names.includes(head) ? [head] : matches;
  if (match === undefined) {
    const reason = `there is no such file or folder, and no bundle in ${outputDir} with a name or id that begins this way. List bundles with: npx baleen ls`;
    throw new BundleReadError(word, reason);
  }
  if (match !== head && matches.length > 1) {
    const several = matches.slice(0, mostNamed).join(", ");
    const more = matches.length > mostNamed ? `, and ${matches.length - mostNamed} more` : "";
    const reason = `${matches.length} bundles in ${outputDir} begin this way: ${several}${more}. Enter more characters.`;
    throw new BundleReadError(word, reason);
  }
  return join(outputDir, match, ...inside);
}

const mostNamed = 3;

/** Names of folders, sorted: those of bundles by time. */
export async function listFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
