import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, parse, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomically } from "../bundle/atomic-file.ts";
import { makeFolders } from "../bundle/folders.ts";
import { BundleWriteError } from "../bundle/write-error.ts";
import { boolean, openReader } from "../config/rule.ts";
import type { Fault } from "../core/errors.ts";
import { quoteArgv } from "../core/quote.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { formatInitialFile } from "./init-text.ts";
import { preflight } from "./preflight.ts";

const schemaName = "bench.schema.json";
/** Folder of this package, two above this module, built or not. */
const packageRoot = fileURLToPath(new URL("../..", import.meta.url));

/** `init [FILE]`: writes a file of options to begin with, and sees to it that editors find its schema. */
export async function runInit(
  request: CommandRequest,
  { terminal, settings, signal }: CommandContext,
): Promise<ExitCode> {
  const [path = "bench.yaml"] = request.words;
  const { read, faults } = openReader();
  const isForced = read(boolean, request.given.yes, false);
  const schema = findSchema(dirname(resolve(path)));
  const made = [path, ...(schema.isCopied ? [join(dirname(path), schemaName)] : [])];
  const check = async () => (isForced ? [] : made.flatMap((one) => checkFree(one, schema.text)));
  await preflight([...request.faults, ...faults, ...checkName(path)], [check], signal);
  const texts = [formatInitialFile(schema.path), schema.text];
  for (const [index, one] of made.entries()) {
    await makeFolders(dirname(resolve(one))).catch((error: unknown) => {
      throw new BundleWriteError(one, { cause: error });
    });
    await writeFileAtomically(one, texts[index] ?? "");
  }
  const file = quoteArgv([path]);
  const lines = [
    `Written: ${path}${schema.isCopied ? `, and ${schemaName} beside it, by which editors complete it` : ""}`,
    `  npx baleen validate ${file}`,
    `  npx baleen benchmark --config ${file}`,
  ];
  terminal.print(settings.json ? JSON.stringify({ written: made }, null, 2) : lines.join("\n"));
  return 0;
}

/** The name says how it is read: by people's editors as by `validate`. */
function checkName(path: string): readonly Fault[] {
  if (/\.ya?ml$/i.test(path)) return [];
  const message = `${path}: its name does not end in .yaml. Give such a name, for example bench.yaml.`;
  return [{ code: "file-name", message }];
}

/** What is there already stays, unless it is just what would be written. */
function checkFree(path: string, schema: string): readonly Fault[] {
  if (!existsSync(path)) return [];
  if (basename(path) === schemaName && isSame(path, schema)) return [];
  return [
    {
      code: "file-exists",
      message: `${path}: it is there already. Give another name, or --yes to write over it.`,
    },
  ];
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
 * Where an editor finds the schema without a network, on every machine that has the repository: in a folder above, that of
 * the project that has this package installed (or is this package). Else it is copied.
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
