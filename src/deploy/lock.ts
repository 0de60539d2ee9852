import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { claim, type LockHolder, type LockOwner, readLivingHolder } from "../core/process/lock.ts";

export interface LockRequest extends Pick<LockOwner, "run" | "command"> {
  /** Folder for this user's state on this machine; made where it is missing. */
  readonly stateDir: string;
  readonly signal: AbortSignal;
}

/**
 * Takes the lock that lets one orchestrator work on this machine. A dead holder's lock is taken over; of several
 * who try, one wins. Disposing gives it back.
 *
 * @throws LockedError where a living process holds it
 */
export async function acquireLock({ stateDir, run, command, signal }: LockRequest): Promise<AsyncDisposable> {
  signal.throwIfAborted();
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  return claim(lockPath(stateDir), { run, command, inUse: "Another run is under way on this machine" });
}

/** The living holder of this machine's lock; changes nothing. */
export function readLock(stateDir: string): Promise<LockHolder | undefined> {
  return readLivingHolder(lockPath(stateDir));
}

function lockPath(stateDir: string): string {
  return join(stateDir, "lock");
}
