import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { describeError, systemCode } from "../errors.ts";

/** Absolute path of a program, as a shell would find it; undefined where no folder of PATH has it. */
export function findOnPath(name: string, path = ""): string | undefined {
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find((file) => whyNoProgram(file) === undefined);
}

/** Why a file cannot be started, with what to do, a sentence each; undefined where nothing is seen that speaks against it. */
export function whyNoProgram(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return "it is not a file. Give the path of a program.";
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file. Give the path of a program.";
    if (code === "EACCES") return "it is not executable. Use chmod +x, or give another program.";
    return `${describeError(error)}. Give the path of a program.`;
  }
}
