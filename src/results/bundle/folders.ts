import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../../core/errors.ts";

/** The folder and those of its parents that do not exist, deepest first. */
export async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let path = folder; ; path = dirname(path)) {
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    if (exists || path === dirname(path)) return missing;
    missing.push(path);
  }
}

/**
 * Makes the folder and those of its parents that do not exist. (Node's own recursive mkdir reports a read-only
 * file system as "no such file".)
 *
 * @throws the system's error of the first one that cannot be made
 */
export async function makeFolders(folder: string): Promise<void> {
  for (const path of (await missingFolders(folder)).reverse()) {
    try {
      await mkdir(path);
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error; // another one was faster
    }
  }
}
