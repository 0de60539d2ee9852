import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import type { NodeFile } from "../contracts/deployment.ts";
import type { Emit } from "../contracts/events.ts";
import { until } from "../core/async.ts";
import { signalGroup } from "../core/command.ts";
import { InvalidArgumentError } from "../core/errors.ts";
import { readProcess } from "../core/processes.ts";
import { claim, LockedError } from "./lock.ts";

/** What nodes that are processes keep on disk: runs/<run>/<node>/ (home), .log and .pid beside it. */
export interface RunFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes the folder of a run, and claims it for as long as this process lives. Disposing removes it. */
export async function openRunFolder(stateDir: string, run: string): Promise<RunFolder> {
  if (!/^\w[\w.-]*$/.test(run)) throw new InvalidArgumentError(`Not an id of a run: ${JSON.stringify(run)}`);
  const runs = runsFolder(stateDir);
  await mkdir(runs, { recursive: true, mode: 0o700 });
  const claimed = await claim(join(runs, `${run}${lockSuffix}`), { run, command: "nodes as processes" });
  const path = join(runs, run);
  const remove = async () => {
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    } finally {
      await claimed[Symbol.asyncDispose]();
    }
  };
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    await claimed[Symbol.asyncDispose]();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: remove };
}

/** Ends the nodes and removes the folders of runs whose process is dead, and says so. Leaves all others alone. */
export async function removeDeadRuns(stateDir: string, emit: Emit): Promise<void> {
  const runs = runsFolder(stateDir);
  const entries = await readdir(runs, { withFileTypes: true }).catch(() => []);
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  const locks = entries.flatMap(({ name }) =>
    name.endsWith(lockSuffix) ? [name.slice(0, -lockSuffix.length)] : [],
  );
  for (const run of new Set([...folders, ...locks])) {
    try {
      await using _claimed = await claim(join(runs, `${run}${lockSuffix}`), { run, command: "removal" });
      if (!folders.has(run)) continue;
      const ended = await endRecorded(join(runs, run));
      await rm(join(runs, run), { recursive: true, force: true, maxRetries: 5 });
      const detail = `its process is dead; ${ended} of its nodes still ran and were ended`;
      emit({ type: "network-step", step: `removed what run ${run} left behind`, detail });
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
    }
  }
}

/** Notes a started node, so that one whose life line fails (it was paused) can be ended by the next run. */
export async function recordProcess(pidFile: string, pid: number): Promise<void> {
  const start = (await readProcess(pid))?.start;
  if (start !== undefined) await writeFile(pidFile, JSON.stringify({ pid, start }), { mode: 0o600 });
}

/** Makes a node's home anew and lays files into it. */
export async function writeNodeFiles(home: string, files: readonly NodeFile[]): Promise<void> {
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { mode: 0o700 });
  for (const file of files) {
    const path = resolve(home, file.path);
    if (!path.startsWith(home + sep)) {
      throw new InvalidArgumentError(`A node's file lies outside of its home: ${JSON.stringify(file.path)}`);
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, file.content, { mode: file.mode });
    // The mode given to writeFile is cut by the umask.
    await chmod(path, file.mode);
  }
}

const lockSuffix = ".lock";
const pidSuffix = ".pid";

export function pidFileOf(folder: string, node: string): string {
  return join(folder, `${node}${pidSuffix}`);
}

function runsFolder(stateDir: string): string {
  return resolve(stateDir, "runs");
}

async function endRecorded(folder: string): Promise<number> {
  let ended = 0;
  for (const name of await readdir(folder)) {
    const record = name.endsWith(pidSuffix) ? await readRecord(join(folder, name)) : undefined;
    if (record === undefined || !(await stillRuns(record))) continue;
    signalGroup(record.pid, "SIGKILL");
    await until(async () => ((await stillRuns(record)) ? undefined : true), {
      timeoutMs: 5000,
      everyMs: 10,
      describe: () => `Process ${record.pid}, left behind by a dead run, does not end, even by SIGKILL.`,
    });
    ended++;
  }
  return ended;
}

async function stillRuns(record: { pid: number; start: string }): Promise<boolean> {
  return (await readProcess(record.pid))?.start === record.start;
}

async function readRecord(path: string): Promise<{ pid: number; start: string } | undefined> {
  try {
    const value = JSON.parse(await readFile(path, "utf8")) as { pid?: unknown; start?: unknown } | null;
    const { pid, start } = value ?? {};
    return Number.isInteger(pid) && Number(pid) > 1 && typeof start === "string"
      ? { pid: Number(pid), start }
      : undefined;
  } catch {
    // Cut short by a full disk or a kill: then nothing is known.
    return undefined;
  }
}
