import { appendFile, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { unforcedOffset } from "../../src/validator/log/own-rounds.ts";
import type { HomeFiles } from "../validator/homes.ts";

/** The end of a validator's log at some moment. */
export interface LogEnd {
  readonly file: string;
  readonly sizeBytes: number;
}

const folderOf = (home: HomeFiles) => join(home.folder, "log");

/** Log files, oldest first: their names are numbers. */
async function listLogFiles(home: HomeFiles): Promise<string[]> {
  const names = (await readdir(folderOf(home))).filter((name) => name.endsWith(".log"));
  return names.sort().map((name) => join(folderOf(home), name));
}

export async function readLogEnd(home: HomeFiles): Promise<LogEnd> {
  const file = (await listLogFiles(home)).at(-1);
  if (file === undefined) throw new Error(`there is no log file in ${folderOf(home)}`);
  return { file, sizeBytes: (await stat(file)).size };
}

/** Bytes of all that lies in the log folder. A file may go while it is looked at: then it counts nothing. */
export async function measureLog(home: HomeFiles): Promise<number> {
  const names = await readdir(folderOf(home));
  const sizes = names.map((name) =>
    stat(join(folderOf(home), name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/**
 * Tears the end off the log of a validator that is down, as a crash of its machine does: of what was written since
 * `mark`, this share is lost, and so is what was not forced to the disk of its own rounds. Nothing before the mark is
 * touched, since what a log begins with is not written in pieces.
 *
 * @returns bytes cut off; 0 where the log went on in another file since
 */
export async function tearLog(
  home: HomeFiles,
  mark: LogEnd,
  tear: { readonly lostRatio: number; readonly garbage: Uint8Array },
): Promise<number> {
  const end = await readLogEnd(home);
  const lost = end.file === mark.file ? Math.floor((end.sizeBytes - mark.sizeBytes) * tear.lostRatio) : 0;
  if (lost > 0) await truncate(end.file, end.sizeBytes - lost);
  await appendFile(end.file, tear.garbage);
  await truncate(join(home.folder, "own-rounds"), unforcedOffset);
  return lost;
}

/** Removes the log of a validator that is down. */
export async function wipeLog(home: HomeFiles): Promise<void> {
  await rm(folderOf(home), { recursive: true });
}
