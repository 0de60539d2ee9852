import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import type { NodeFile } from "../../contracts/deployment.ts";
import type { Emit } from "../../contracts/events.ts";
import type { SeenNode } from "../../contracts/nodes/seen-node.ts";
import { mapBounded, until } from "../../core/async.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { signalGroup } from "../../core/process/command.ts";
import { claim, LockedError, readLivingHolder } from "../../core/process/lock.ts";
import { readProcess } from "../../core/process/processes.ts";
import { followLog, readLogTail } from "../nodes/log-file.ts";
import { listListenedPorts } from "../nodes/ports.ts";

/** What nodes that are processes keep on disk: runs/<run>/<node>/ (home), .log and .pid beside it. */
export type RunFolder = Awaited<ReturnType<typeof openRunFolder>>;

/** Makes the folder of a run, and claims it for as long as this process lives. Disposing removes it. */
export async function openRunFolder(stateDir: string, run: string) {
  if (!/^\w[\w.-]*$/.test(run)) throw new InvalidArgumentError(`Invalid run id: ${JSON.stringify(run)}`);
  const runs = runsFolder(stateDir);
  const path = join(runs, run);
  await mkdir(runs, { recursive: true, mode: 0o700 });
  const owner = { run, command: "nodes as processes", inUse: "Its nodes are running" };
  const claimed = await claim(lockFileOf(runs, run), owner);
  const release = () => claimed[Symbol.asyncDispose]();
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    await release();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: () => removeFolder(path).finally(release) };
}

function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5 });
}

/** What the nodes of a run, as processes, have on this machine. */
export type ProcessRun = Awaited<ReturnType<typeof listProcessRuns>>[number];

/** All runs that have a folder here; changes nothing. */
export async function listProcessRuns(stateDir: string) {
  const runs = runsFolder(stateDir);
  const { folders } = await readRuns(runs);
  return await mapBounded([...folders], 8, async (run) => {
    const holder = await readLivingHolder(lockFileOf(runs, run));
    const folder = join(runs, run);
    const running = (await listRecorded(folder)).map(({ node, pid }) => ({ node, pid }));
    // In use: its orchestrator lives.
    return { run, inUse: holder !== undefined, holderPid: holder?.pid, folder, running };
  });
}

/** Nodes that are processes of this machine, also those of dead runs; changes nothing. */
export async function listSeenProcesses(stateDir: string): Promise<SeenNode[]> {
  const runs = await listProcessRuns(stateDir);
  const nodes = runs.map(async (run) => {
    // A run that ends at this moment takes its folder along.
    const files = await readdir(run.folder).catch(() => []);
    const names = files.flatMap((name) => /^(.+)\.log$/.exec(name)?.[1] ?? []).sort();
    return await Promise.all(names.map((name) => lookAt(run, name)));
  });
  return (await Promise.all(nodes)).flat();
}

async function lookAt({ run, folder, running, holderPid }: ProcessRun, name: string): Promise<SeenNode> {
  const log = logFileOf(folder, name);
  const pid = running.find(({ node }) => node === name)?.pid;
  const node: SeenNode = {
    run,
    name,
    runtime: "process",
    state: "down",
    driver: holderPid === undefined ? undefined : `process ${holderPid}`,
    readLog: (tailLines) => readLogTail(log, tailLines),
    followLog: (tailLines, onText, signal) => followLog(log, { tailLines, onText, signal }),
  };
  if (pid === undefined) return node;
  // It is written when the process has started.
  const startedAtMs = await stat(pidFileOf(folder, name)).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
  return { ...node, state: "up", startedAtMs, ports: await listListenedPorts(pid) };
}

/** Ends the nodes and removes the folders of runs whose process is dead, and says so. Leaves all others alone. */
export async function removeDeadRuns(stateDir: string, emit: Emit): Promise<void> {
  const { folders, locks } = await readRuns(runsFolder(stateDir));
  for (const run of new Set([...folders, ...locks])) {
    const ended = await removeDeadRun(stateDir, run);
    if (ended === undefined) continue;
    const detail = `its process is dead; ${ended} of its nodes were still running and were stopped`;
    emit({ type: "network-step", step: `removed what run ${run} left behind`, detail });
  }
}

/** The same for one run; returns how many of its nodes still ran, undefined where it lives or left no folder. */
export async function removeDeadRun(stateDir: string, run: string): Promise<number | undefined> {
  const runs = runsFolder(stateDir);
  const { folders, locks } = await readRuns(runs);
  if (!folders.has(run) && !locks.has(run)) return undefined;
  try {
    const owner = { run, command: "removal", inUse: "Its nodes are being removed" };
    await using _claimed = await claim(lockFileOf(runs, run), owner);
    if (!folders.has(run)) return undefined;
    const ended = await endRecorded(join(runs, run));
    await removeFolder(join(runs, run));
    return ended;
  } catch (error) {
    if (error instanceof LockedError) return undefined;
    throw error;
  }
}

async function readRuns(runs: string): Promise<{ folders: Set<string>; locks: Set<string> }> {
  const entries = await readdir(runs, { withFileTypes: true }).catch(() => []);
  const locks = entries.filter(({ name }) => name.endsWith(lockSuffix));
  return {
    folders: new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)),
    locks: new Set(locks.map(({ name }) => name.slice(0, -lockSuffix.length))),
  };
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
      throw new InvalidArgumentError(
        `A node's file is outside its home folder: ${JSON.stringify(file.path)}`,
      );
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, file.content, { mode: file.mode });
    // The mode given to writeFile is cut by the umask.
    await chmod(path, file.mode);
  }
}

const lockSuffix = ".lock";
const pidSuffix = ".pid";

export function logFileOf(folder: string, node: string): string {
  return join(folder, `${node}.log`);
}

export function pidFileOf(folder: string, node: string): string {
  return join(folder, `${node}${pidSuffix}`);
}

function lockFileOf(runs: string, run: string): string {
  return join(runs, `${run}${lockSuffix}`);
}

function runsFolder(stateDir: string): string {
  return resolve(stateDir, "runs");
}

/** A process that was noted; its start tells it from a later one of the same id. */
export interface NotedProcess {
  readonly pid: number;
  readonly start: string;
}

type RecordedNode = NotedProcess & { readonly node: string };

/** Nodes of a run that were noted and still run. */
async function listRecorded(folder: string): Promise<RecordedNode[]> {
  // A run that ends at this moment takes its folder along.
  const names = await readdir(folder).catch(() => []);
  const noted = names.filter((name) => name.endsWith(pidSuffix));
  const running = await mapBounded(noted, 8, async (name) => {
    const record = await readRecord(join(folder, name));
    const runs = record !== undefined && (await stillRuns(record));
    return runs ? [{ node: name.slice(0, -pidSuffix.length), ...record }] : [];
  });
  return running.flat();
}

async function endRecorded(folder: string): Promise<number> {
  const running = await listRecorded(folder);
  for (const record of running) {
    signalGroup(record.pid, "SIGKILL");
    await until(async () => ((await stillRuns(record)) ? undefined : true), {
      timeoutMs: 5000,
      everyMs: 10,
      describe: () => `Process ${record.pid}, left behind by a dead run, does not end, even after SIGKILL.`,
    });
  }
  return running.length;
}

async function stillRuns(record: NotedProcess): Promise<boolean> {
  return (await readProcess(record.pid))?.start === record.start;
}

async function readRecord(path: string): Promise<NotedProcess | undefined> {
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
