/** Temporary folders that name the process they belong to, so that those of killed processes can be found and removed. */
import { hash } from "node:crypto";
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { signalGroup } from "./command.ts";
import { findOrphans, ownPid, readProcess } from "./processes.ts";

export interface TemporaryFolder {
  readonly path: string;
  /** For which run it was made: letters, digits, `_`, `.` and `-`. */
  readonly run: string;
  /** Its process lives. */
  readonly inUse: boolean;
}

/** In the name, not in a file within: so no folder is ever there without it. */
const namePattern = /^baleen-tmp-(?<run>[\w.-]+)-(?<pid>\d+)-(?<start>[0-9a-f]{12})-\w{6}$/;

/**
 * Makes a folder that only this user may enter; it is gone when it is disposed of.
 *
 * @param run whose clean-up removes it if this process is killed
 * @param parent default: the system's folder for temporary files
 */
export async function openTemporaryFolder(run: string, parent: string = tmpdir()) {
  const owner = `${nameRun(run)}-${ownPid}-${digestStart((await readProcess(ownPid))?.start)}`;
  const path = await mkdtemp(join(parent, `baleen-tmp-${owner}-`));
  return { path, [Symbol.asyncDispose]: () => removeFolder(path) };
}

/** This user's temporary folders below these; changes nothing. */
export async function listTemporaryFolders(
  parents: readonly string[] = [tmpdir()],
): Promise<TemporaryFolder[]> {
  const folders = await Promise.all(parents.map(listBelow));
  return folders.flat();
}

/**
 * Removes temporary folders whose process is dead, and ends the commands that it left working in them.
 *
 * @param run default: all
 * @returns how many commands were ended
 */
export async function removeDeadFolders({
  run,
  parents,
}: {
  readonly run?: string;
  readonly parents?: readonly string[];
} = {}): Promise<number> {
  const found = await listTemporaryFolders(parents);
  const dead = found.filter((one) => !one.inUse && (run === undefined || one.run === nameRun(run)));
  let ended = 0;
  for (const { path } of dead) {
    for (const pid of await findOrphans(path)) ended += signalGroup(pid, "SIGKILL") ? 1 : 0;
    await removeFolder(path);
  }
  return ended;
}

async function listBelow(parent: string): Promise<TemporaryFolder[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .map(async ({ name }) => {
      const { run, pid, start } = namePattern.exec(name)?.groups ?? {};
      const path = join(parent, name);
      // One that goes at this moment is nobody's.
      const owner = run === undefined ? undefined : (await lstat(path).catch(() => undefined))?.uid;
      if (run === undefined || owner !== userInfo().uid) return [];
      const process = await readProcess(Number(pid));
      return [{ path, run, inUse: process !== undefined && digestStart(process.start) === start }];
    });
  return (await Promise.all(folders)).flat();
}

const longestRun = 64;

function nameRun(run: string): string {
  return run.replaceAll(/[^\w.-]/g, "_").slice(0, longestRun);
}

function digestStart(start = ""): string {
  return hash("sha256", start).slice(0, 12);
}

function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5 });
}
