import { randomBytes } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BaleenError } from "../../../core/errors.ts";
import { BundleWriteError } from "../write-error.ts";

/** Makes the rename itself survive a power cut. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}

/** Pieces are written as they come. */
export type FileContent = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/**
 * Writes a file whole or not at all: whoever opens `path`, at any moment and after any crash, finds what was
 * there before or all of `content`. A killed process may leave a hidden `.<name>.<random>.tmp` beside it.
 *
 * @throws BundleWriteError with the previous file untouched and the temporary one removed
 */
export async function writeFileAtomically(path: string, content: FileContent): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeFile(temporary, content, { flag: "wx", flush: true });
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first failure is the one to tell
    // Whoever makes the content says itself what went wrong there.
    throw error instanceof BaleenError ? error : new BundleWriteError(path, { cause: error });
  }
}
