import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { NodeProgram } from "../../contracts/deployment.ts";
import { BaleenError, systemCode } from "../../core/errors.ts";
import { type ImageFile, readImageFile } from "./node-runtime.ts";

/** More than this in one program is a mistake: a folder that holds itself, or the wrong one. */
const mostFiles = 20_000;

/** A file that a program needs is not there. */
export class ProgramFileError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("program-file", message, options);
  }
}

/**
 * Lists what a program's `entry` and `include` name, folders with all that is in them, and its packages in
 * node_modules/, in order of path.
 *
 * @throws ProgramFileError where something is missing or unreadable
 */
export async function listProgramFiles(program: NodeProgram): Promise<ImageFile[]> {
  const files = new Map<string, ImageFile>();
  const add = (source: string, path: string) => addPath(program, { source, path }, files);
  for (const path of [program.entry, ...program.include]) await add(join(program.root, path), path);
  for (const [name, folder] of Object.entries(program.packages ?? {})) {
    await add(folder, `node_modules/${name}`);
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function addPath(
  program: NodeProgram,
  { source, path }: { source: string; path: string },
  files: Map<string, ImageFile>,
): Promise<void> {
  try {
    if (!(await stat(source)).isDirectory()) {
      files.set(path, await readImageFile(source, path));
    } else {
      for (const name of await readdir(source)) {
        await addPath(program, { source: join(source, name), path: `${path}/${name}` }, files);
      }
    }
  } catch (cause) {
    if (cause instanceof ProgramFileError) throw cause;
    const why = systemCode(cause) === "ENOENT" ? "is missing" : "cannot be read";
    const message = `The program ${program.name} ${why}: ${source}. Build it first (npm run build).`;
    throw new ProgramFileError(message, { cause });
  }
  if (files.size > mostFiles) {
    throw new ProgramFileError(`The program ${program.name} has more than ${mostFiles} files.`);
  }
}
