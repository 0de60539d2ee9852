import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { mapBounded } from "../../core/async.ts";
import { BundleReadError } from "../schema/read-error.ts";
import { readDocument } from "./document.ts";
import { isThere } from "./folders.ts";

/** The word for the newest bundle of a folder. */
export const lastBundle = "last";

/** What a folder of results may hold: a sweep, or several. */
export type BundleKind = "local" | "remote" | "both" | "calibration" | "variation";

const bundleName =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-(local|remote|both|calibration|variation)-([\w.-]+)$/;

/** What the name of a bundle's folder tells, as a sweep gives it; undefined where somebody else did. */
export interface BundleNameParts {
  /** When the sweep began: wall time, RFC 3339 UTC. */
  readonly startedAt: string;
  readonly kind: BundleKind;
  readonly id: string;
}

export function parseBundleName(name: string): BundleNameParts | undefined {
  const [, year, month, day, hours, minutes, seconds, kind, id] = bundleName.exec(name) ?? [];
  if (kind === undefined || id === undefined) return undefined;
  const startedAt = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.000Z`;
  return { startedAt, kind: kind as BundleKind, id };
}

/**
 * The path of the bundle that a word stands for: a path; `last`, the newest one of `outputDir`; or how the name or the
 * id of one of them begins, or what its run was called, where it is the only one. Something in a bundle may follow
 * behind a slash.
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
  if (match === undefined) return await findCalled(word, outputDir, names);
  if (match !== head && matches.length > 1) {
    const reason = `${matches.length} bundles in ${outputDir} begin this way: ${listSome(matches)}. Enter more characters.`;
    throw new BundleReadError(word, reason);
  }
  return join(outputDir, match, ...inside);
}

/** The bundle whose run was called so; in a name there may be a slash, too. */
async function findCalled(word: string, outputDir: string, names: readonly string[]): Promise<string> {
  const [head, ...inside] = word.split("/");
  const bundles = names.filter((name) => parseBundleName(name) !== undefined);
  const labels = await mapBounded(bundles, atOnce, (name) => readLabel(join(outputDir, name)));
  const called = (label: string | undefined) => bundles.filter((_, place) => labels[place] === label);
  const whole = called(word);
  const matches = whole.length > 0 ? whole : called(head);
  const [match] = matches;
  if (match === undefined) {
    const reason = `there is no such file or folder, and no bundle in ${outputDir} with this name, or with a name or id that begins this way. List bundles with: npx baleen ls`;
    throw new BundleReadError(word, reason);
  }
  if (matches.length > 1) {
    const reason = `${matches.length} bundles in ${outputDir} have this name: ${listSome(matches)}. Use the id of one.`;
    throw new BundleReadError(word, reason);
  }
  return join(outputDir, match, ...(whole.length > 0 ? [] : inside));
}

const atOnce = 8;

/** What a bundle's run was called, or all those in a folder; undefined also where nobody can read that. */
async function readLabel(folder: string): Promise<string | undefined> {
  try {
    const names = await readdir(folder);
    if (names.includes("variation.json")) {
      return (await readDocument(join(folder, "variation.json"), "baleen.variation/1")).textIfAny("name");
    }
    const inside = names.includes("parameters.json")
      ? "."
      : ["local", "remote", "runs"].find((one) => names.includes(one));
    if (inside === undefined) return undefined;
    const parameters = await readDocument(join(folder, inside, "parameters.json"), "baleen.parameters/1");
    return parameters.textIfAny("name");
  } catch {
    return undefined;
  }
}

const mostNamed = 3;

function listSome(names: readonly string[]): string {
  const more = names.length > mostNamed ? `, and ${names.length - mostNamed} more` : "";
  return `${names.slice(0, mostNamed).join(", ")}${more}`;
}

/** Names of folders, sorted: those of bundles by time. */
export async function listFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
