import { hash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { unlessAbsent } from "../../core/errors.ts";
import { claim } from "../../core/process/lock.ts";

/** What a testbed keeps on this machine, and where. */
export type StateFiles = ReturnType<typeof listStateFiles>;

/** The hosts file that was written, so that `down` removes that one and no other. */
interface HostsFileRecord {
  readonly path: string;
  readonly sha256: string;
}

export function listStateFiles(stateDir: string) {
  const folder = join(stateDir, "hosts");
  return {
    folder,
    /** Private key with which all its hosts are entered. */
    keyFile: join(folder, "id_ed25519"),
    knownHostsFile: join(folder, "known_hosts"),
    recordFile: join(folder, "hosts-file.json"),
  };
}

/** Keeps other commands from working on the same testbed meanwhile. @throws LockedError where one does */
export async function lockTestbed(stateDir: string, command: string): Promise<AsyncDisposable> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  return claim(join(stateDir, "lock"), {
    run: "testbed",
    command,
    inUse: "Another command is changing the test hosts",
  });
}

/** Writes a file whole or not at all. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeFile(draft, text, { mode, flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Writes the hosts file, and what `down` needs to know it by, first. */
export async function writeHostsFile(files: StateFiles, path: string, text: string): Promise<void> {
  const record: HostsFileRecord = { path: resolve(path), sha256: hash("sha256", text) };
  await writeWhole(files.recordFile, JSON.stringify(record), 0o600);
  await writeWhole(record.path, text, 0o644);
}

/** What became of the hosts file: "changed" means that somebody edited it, so it stays. */
type HostsFileRemoval =
  | { readonly state: "none" }
  | { readonly state: "removed" | "changed"; readonly path: string };

/** Removes the hosts file, if it still is what was written, and all that the testbed keeps here. */
export async function removeState(stateDir: string): Promise<HostsFileRemoval> {
  const { folder, recordFile } = listStateFiles(stateDir);
  const record = await unlessAbsent(readFile(recordFile, "utf8"));
  const removal =
    record === undefined ? { state: "none" as const } : await removeHostsFile(JSON.parse(record));
  await rm(folder, { recursive: true, force: true });
  return removal;
}

async function removeHostsFile({ path, sha256 }: HostsFileRecord): Promise<HostsFileRemoval> {
  const text = await unlessAbsent(readFile(path, "utf8"));
  if (text === undefined) return { state: "none" };
  if (hash("sha256", text) !== sha256) return { state: "changed", path };
  await rm(path);
  return { state: "removed", path };
}
