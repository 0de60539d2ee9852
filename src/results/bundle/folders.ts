import { randomBytes } from "node:crypto";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { mkdir, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Diagnostic, systemCode } from "../../core/errors.ts";
import { BundleWriteError } from "./write-error.ts";

export const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The folder and those of its parents that do not exist, deepest first. */
async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let path = folder; ; path = dirname(path)) {
    if (path === dirname(path) || (await isThere(path))) return missing;
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

/** Those under way, by folder: of several at once, each would remove what another has just made. */
const checking = new Map<string, Promise<Diagnostic | undefined>>();

/**
 * Whether bundles can be written below `outputDir`, found out by writing there: rights alone do not tell of a
 * read-only or full disk. Leaves nothing behind.
 *
 * @returns the reason why not
 */
export function checkOutputDir(outputDir: string): Promise<Diagnostic | undefined> {
  const folder = resolve(outputDir);
  const check = checking.get(folder) ?? tryFolder(folder).finally(() => checking.delete(folder));
  checking.set(folder, check);
  return check;
}

async function tryFolder(folder: string): Promise<Diagnostic | undefined> {
  const made = await missingFolders(folder);
  try {
    await writeProbe(folder);
    return undefined;
  } catch (error) {
    return { code: "output-dir", message: new BundleWriteError(folder, { cause: error }).message };
  } finally {
    // rmdir removes empty folders only: what someone else has put there meanwhile stays.
    for (const path of made) await rmdir(path).catch(() => undefined);
  }
}

const mostTries = 5;

async function writeProbe(folder: string, tries = mostTries): Promise<void> {
  try {
    await makeFolders(folder);
    writeNameless(join(folder, `.baleen-check-${randomBytes(6).toString("hex")}`));
  } catch (error) {
    // Another check that made a folder on the way has just removed it.
    if (systemCode(error) !== "ENOENT" || tries === 1) throw error;
    await writeProbe(folder, tries - 1);
  }
}

/** In one go, and the name is gone before the write: whenever this process is killed, no file is left. */
function writeNameless(path: string): void {
  const file = openSync(path, "wx");
  try {
    unlinkSync(path);
    writeSync(file, "?");
  } finally {
    closeSync(file);
  }
}
