import { readdir } from "node:fs/promises";
import { startHolder } from "../../../src/deploy/provision/lock/holder.ts";
import { type LockOptions, lockHost, readHostLock } from "../../../src/deploy/provision/lock/lock.ts";
import type { LocalHost } from "../../support/local-host.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const { signal } = new AbortController();

/** A folder that stands for the /tmp of a host, and what is done to the lock in it. */
export async function openPlace() {
  const temporary = await openTemporaryFolder();
  const folder = temporary.path;
  return {
    folder,
    lock: (host: LocalHost, run: string, onLost: LockOptions["onLost"] = () => {}) =>
      lockHost(host, { run, holder: `${run}@laptop`, signal, onLost, folder }),
    holder: async (host: LocalHost) => (await readHostLock(host, { folder }))?.run,
    files: () => readdir(folder),
    /** Starts the lock's process itself. */
    start: (host: LocalHost, id: string, silenceSecs = 60) => {
      const info = { run: id, holder: "alice@laptop", since: "2026-01-01T00:00:00.000Z" };
      return startHolder(host, { folder, id, silenceSecs, info }, signal);
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}
