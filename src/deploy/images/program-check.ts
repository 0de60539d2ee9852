import type { Program } from "../../contracts/deployment.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { readProgramFile } from "./content.ts";
import { remedyOf } from "./image.ts";
import type { Platform } from "./node-runtime.ts";
import { listProgramFiles, ProgramFileError } from "./program-files.ts";

/** What would keep an image of a program from being made for an engine, as far as its files tell; makes nothing. */
export async function findProgramDiagnostic(
  program: Program,
  target: Platform,
): Promise<Diagnostic | undefined> {
  try {
    if (program.kind === "node-program") {
      await listProgramFiles(program);
      return undefined;
    }
    if (program.image !== undefined) return undefined;
    const { path, elf } = await readProgramFile(program);
    if (elf.architecture === target.arch) return undefined;
    const message = `${path} is for linux/${elf.architecture}, and the engine runs ${target.os}/${target.arch}. ${remedyOf(program)}`;
    return { code: "program-architecture", message };
  } catch (error) {
    if (!(error instanceof ProgramFileError)) throw error;
    return { code: error.code, message: error.message };
  }
}
