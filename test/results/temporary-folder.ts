import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** A folder of its own, removed at the end. */
export async function makeTemporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "baleen-bundle-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Why no file system can be mounted here; undefined where one can. */
async function whyNoMount(): Promise<string | undefined> {
  try {
    await using _disk = await mountDisk("size=64k");
    return undefined;
  } catch (error) {
    return `cannot mount a tmpfs (root on Linux can): ${String(error).split("\n")[0]}`;
  }
}

/** A file system of its own in memory, with these tmpfs options ("size=64k", "ro"). */
export async function mountDisk(options: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "baleen-disk-"));
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await run("umount", [path]);
      await remove();
    },
  };
}

/** Asked once per test file, for `context.skip(reason)`. */
export const noMountReason = await whyNoMount();
