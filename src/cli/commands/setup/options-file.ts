/** The file of `--config` as it is written: what `init` and the wizard have in common. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, parse, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../../../core/errors.ts";
import { writeFileAtomically } from "../../../results/bundle/files/atomic-file.ts";
import { makeFolders } from "../../../results/bundle/folders.ts";
import { writing } from "../../../results/bundle/write-error.ts";

export const schemaName = "bench.schema.json";
/** Folder of this package, two above this module, built or not. */
const packageRoot = fileURLToPath(new URL("../../../..", import.meta.url));

/** The name says how it is read: by people's editors as by `validate`. */
export function checkName(path: string): readonly Diagnostic[] {
  if (/\.ya?ml$/i.test(path)) return [];
  const message = `${path}: the name does not end in .yaml. Use such a name, for example bench.yaml.`;
  return [{ code: "file-name", message }];
}

export interface OptionsFile {
  /** Paths of all that is written, its own first. */
  readonly made: readonly string[];
  readonly schema: FoundSchema;
}

/** What writing a file of options takes. Writes nothing. */
export function planOptionsFile(path: string): OptionsFile {
  const schema = findSchema(dirname(resolve(path)));
  return { made: [path, ...(schema.isCopied ? [join(dirname(path), schemaName)] : [])], schema };
}

/** Files that writing it would change: a schema that stands there already is none of them. */
export function occupied({ made, schema }: OptionsFile): readonly string[] {
  const isChanged = (path: string) => basename(path) !== schemaName || !isSame(path, schema.text);
  return made.filter((path) => existsSync(path) && isChanged(path));
}

/**
 * Writes it, over what is there.
 * @param format makes its text of the schema's path as seen from the file's folder, with "/"
 * @throws BundleWriteError
 */
export async function writeOptionsFile(
  { made, schema }: OptionsFile,
  format: (schema: string) => string,
): Promise<void> {
  const texts = [format(schema.path), schema.text];
  for (const [index, one] of made.entries()) await writeText(one, texts[index] ?? "");
}

/** Writes a file whole, in a folder that need not be there yet. @throws BundleWriteError */
export async function writeText(path: string, text: string): Promise<void> {
  await writing(path, () => makeFolders(dirname(resolve(path))));
  await writeFileAtomically(path, text);
}

function isSame(path: string, text: string): boolean {
  try {
    return readFileSync(path, "utf8") === text;
  } catch {
    return false;
  }
}

interface FoundSchema {
  /** As seen from the file's folder. */
  readonly path: string;
  readonly text: string;
  /** It is written beside the file. */
  readonly isCopied: boolean;
}

/**
 * Where an editor finds the schema without a network, on every machine that has the repository: in a folder above, the
 * project's that has this package installed (or is this package). Else it is copied.
 */
function findSchema(folder: string): FoundSchema {
  const inPackage = join("schema", schemaName);
  const text = readFileSync(join(packageRoot, inPackage), "utf8");
  for (let above = folder; ; above = dirname(above)) {
    const installed = join(above, "node_modules", "baleen", inPackage);
    const own = join(above, inPackage);
    const found = [installed, own].find((path) => isSame(path, text));
    if (found !== undefined) {
      const path = relative(folder, found).replaceAll("\\", "/");
      return { path: path.startsWith(".") ? path : `./${path}`, text, isCopied: false };
    }
    if (above === parse(above).root) return { path: `./${schemaName}`, text, isCopied: true };
  }
}
