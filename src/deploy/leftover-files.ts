/** Files that killed commands left on this machine: temporary folders, and locks that nobody holds any more. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunLeftovers } from "../contracts/hosts/host-report.ts";
import { listDeadLocks, removeDeadLock } from "../core/process/lock.ts";
import { listTemporaryFolders, removeDeadFolders } from "../core/process/temporary.ts";
import { listProcessRuns } from "./process/folder.ts";

/** Where archives of images are kept from run to run. */
export const imageCacheOf = (stateDir: string): string => join(stateDir, "images");

const parentsOf = (stateDir: string) => [tmpdir(), imageCacheOf(stateDir)];

/** By run, temporary folders of living ones too; a run may come twice. Changes nothing. */
export async function listLeftoverFiles(stateDir: string): Promise<RunLeftovers[]> {
  const folders = await listTemporaryFolders(parentsOf(stateDir));
  const locks = await listOwnDeadLocks(stateDir);
  return [
    ...folders.map(({ run, path, inUse }) => ({ run, inUse, what: [`temporary folder ${path}`] })),
    ...locks.map(({ run, path }) => ({ run, inUse: false, what: [`lock file ${path}`] })),
  ];
}

/** Removes what the dead processes of a run left; returns how many commands were still working for it. */
export async function removeLeftoverFiles(stateDir: string, run: string): Promise<number> {
  for (const lock of await listOwnDeadLocks(stateDir)) {
    if (lock.run === run) await removeDeadLock(lock);
  }
  return removeDeadFolders({ run, parents: parentsOf(stateDir) });
}

/** Locks of runs that have a folder are removed with that. */
async function listOwnDeadLocks(stateDir: string) {
  const places = [stateDir, join(stateDir, "runs"), join(stateDir, "testbed")];
  const locks = (await Promise.all(places.map(listDeadLocks))).flat();
  const withFolder = new Set((await listProcessRuns(stateDir)).map(({ folder }) => `${folder}.lock`));
  return locks.filter(({ path }) => !withFolder.has(path));
}

/** One entry for each run; in use where a part of it is. */
export function joinRuns(parts: readonly RunLeftovers[]): RunLeftovers[] {
  return [...Map.groupBy(parts, ({ run }) => run)].map(([run, own]) => ({
    run,
    inUse: own.some(({ inUse }) => inUse),
    what: own.flatMap(({ what }) => what),
  }));
}
