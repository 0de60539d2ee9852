import { join } from "node:path";
import { claim } from "../../core/process/lock.ts";
import type { Home } from "./home.ts";

/**
 * Takes a home for this process: two validators with one key would propose twice in a round. A dead holder's lock is
 * taken over; in a container, where the pid is often the same after a restart, the start of the process tells. Disposing
 * gives it back.
 *
 * @throws LockedError where a living process holds it
 */
export function lockHome({ folder, key }: Home, command: string): Promise<AsyncDisposable> {
  const run = `validator ${key.authority}`;
  return claim(join(folder, "lock"), { run, command, inUse: `The home ${folder} is in use` });
}
