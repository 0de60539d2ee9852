import { randomBytes } from "node:crypto";
import { rm, rmdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Diagnostic } from "../../core/errors.ts";
import { makeFolders, missingFolders } from "./folders.ts";
import { BundleWriteError } from "./write-error.ts";

/**
 * Whether bundles can be written below `outputDir`, found out by writing there: rights alone do not tell of a
 * read-only or full disk. Leaves nothing behind.
 *
 * @returns the reason why not
 */
export async function checkOutputDir(outputDir: string): Promise<Diagnostic | undefined> {
  const folder = resolve(outputDir);
  const made = await missingFolders(folder);
  const probe = join(folder, `.baleen-check-${randomBytes(6).toString("hex")}`);
  try {
    await makeFolders(folder);
    await writeFile(probe, "?", { flag: "wx" });
    return undefined;
  } catch (error) {
    return { code: "output-dir", message: new BundleWriteError(folder, { cause: error }).message };
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
    // rmdir removes empty folders only: what someone else has put there meanwhile stays.
    for (const path of made) await rmdir(path).catch(() => undefined);
  }
}
