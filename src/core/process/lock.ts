import { randomUUID } from "node:crypto";
import { link, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { delay } from "../async.ts";
import { systemClock } from "../clock.ts";
import { readBounded } from "../documents/read-bounded.ts";
import { BaleenError, type Diagnostic, systemCode } from "../errors.ts";
import { isTable } from "../keys.ts";
import { ownPid, readProcess } from "./processes.ts";

/** Who takes a lock, and how others are told that it is taken. */
export interface LockOwner {
  /** Id of the run, or what else it is for. */
  readonly run: string;
  /** Command line, for people. */
  readonly command: string;
  /** Begins the sentence for those who come later: "This is in use". */
  readonly inUse: string;
}

export interface LockHolder extends Omit<LockOwner, "inUse"> {
  readonly pid: number;
  /** Start of that process in the system's own terms, so that another one with its pid is not taken for it. */
  readonly processStart: string;
  /** Wall time, RFC 3339 UTC. */
  readonly since: string;
  /** Tells this lock from every other. */
  readonly id: string;
}

/** Somebody who lives holds the lock. */
export class LockedError extends BaleenError implements Diagnostic {
  readonly holder: LockHolder;
  readonly path: string;

  constructor(path: string, holder: LockHolder, inUse: string) {
    super(
      "locked",
      `${inUse}: ${holder.run}, process ${holder.pid} (${holder.command}), ` +
        `since ${holder.since}. Wait for it or stop it with: kill ${holder.pid}`,
    );
    this.path = path;
    this.holder = holder;
  }
}

/** Takes the lock that the file `path` is, in a folder that exists. @throws LockedError where a living process has it */
export async function claim(path: string, owner: LockOwner): Promise<AsyncDisposable> {
  const self = await readProcess(ownPid);
  const holder: LockHolder = {
    pid: ownPid,
    processStart: self?.start ?? "",
    run: owner.run,
    since: new Date(systemClock.wallMs()).toISOString(),
    command: owner.command,
    id: randomUUID(),
  };
  await place(path, holder, owner.inUse);
  return {
    [Symbol.asyncDispose]: async () => {
      if ((await readHolder(path))?.id === holder.id) await rm(path, { force: true });
    },
  };
}

/** The living holder of the lock that the file `path` is; changes nothing. */
export async function readLivingHolder(path: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(path);
  return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
}

/** A file of a lock whose process is dead: the lock itself, or what taking it needed. */
export interface DeadLock {
  readonly path: string;
  readonly run: string;
}

const torn = "unreadable";
/** Of a lock, of the right to replace a dead one, of drafts of both. */
const lockName = /^(?:.+\.)?lock(?:(?:\.(?:[0-9a-f-]{36}|unreadable)){0,2}(?:\.new)?)$/;
/** A draft that could not be read for so long was cut short; sooner it may be about to be written. */
const writtenWithinMs = 10_000;

/** Files of locks in a folder that are called "lock" or "NAME.lock", whose processes are dead; changes nothing. */
export async function listDeadLocks(folder: string): Promise<DeadLock[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => lockName.test(name));
  const dead = names.map(async (name) => {
    const path = join(folder, name);
    const holder = await readHolder(path);
    if (holder === undefined || (await isAlive(holder))) return [];
    const writtenMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (holder.id === torn && systemClock.wallMs() - writtenMs < writtenWithinMs) return [];
    return [{ path, run: holder.run }];
  });
  return (await Promise.all(dead)).flat();
}

/** Removes what `listDeadLocks` found; leaves a lock that somebody has taken meanwhile. */
export async function removeDeadLock({ path, run }: DeadLock): Promise<void> {
  // Those have names that nobody uses again.
  if (!path.endsWith("lock")) return rm(path, { force: true });
  try {
    await using _claimed = await claim(path, { run, command: "removal", inUse: "It is being removed" });
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
  }
}

/**
 * A new file is made by link(2), which fails where there is one, with all its content at once. A dead holder's file is
 * replaced by rename(2); the right to do so is itself a lock, named after the dead one's id: who decided late, on what
 * it read long ago, finds another id and lets it be. A taker that dies in between leaves that right as a dead lock.
 */
async function place(path: string, holder: LockHolder, inUse: string): Promise<void> {
  const draft = `${path}.${holder.id}.new`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    for (;;) {
      if (await linkNew(draft, path)) return;
      const current = await readHolder(path);
      if (current === undefined) continue;
      if (await isAlive(current)) throw new LockedError(path, current, inUse);
      if (await replaceDead(path, { current, draft, holder })) return;
      await delay(5);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function replaceDead(
  path: string,
  taking: { current: LockHolder; draft: string; holder: LockHolder },
): Promise<boolean> {
  const { current, draft, holder } = taking;
  const right = `${path}.${current.id}`;
  try {
    await place(right, { ...holder, id: randomUUID() }, path);
  } catch (error) {
    if (error instanceof LockedError) return false;
    throw error;
  }
  try {
    if ((await readHolder(path))?.id !== current.id) return false;
    await rename(draft, path);
    return true;
  } finally {
    await rm(right, { force: true });
  }
}

/** Gives a whole file its name, unless there is one of that name: then false. */
export async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** undefined where there is no lock. One that cannot be read was never whole (a full disk), so its holder is dead. */
async function readHolder(path: string): Promise<LockHolder | undefined> {
  try {
    return parseHolder((await readBounded(path)).toString());
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseHolder(text: string): LockHolder {
  const unreadable = { pid: 0, processStart: "", run: "?", since: "?", command: "?", id: torn };
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? value : unreadable;
  } catch {
    return unreadable;
  }
}

function isHolder(value: unknown): value is LockHolder {
  const texts = ["processStart", "run", "since", "command", "id"];
  if (!isTable(value) || !Number.isInteger(value.pid)) return false;
  // Its id becomes part of a file's name.
  return texts.every((key) => typeof value[key] === "string") && /^[\w-]+$/.test(String(value.id));
}

async function isAlive(holder: LockHolder): Promise<boolean> {
  if (holder.pid <= 0) return false;
  const process = await readProcess(holder.pid);
  return process !== undefined && process.start === holder.processStart;
}
