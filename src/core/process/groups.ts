/** Processes that belong together: a program that starts others has them in its process group. */
import { readdir, readFile } from "node:fs/promises";
import { platform } from "node:os";
import { countOpenFiles, type ProcessFacts, parseProcStat, readProcess } from "./processes.ts";

/** Whoever asks for several groups at once has them of one look at all processes. */
const lookEveryMs = 500;

let looked:
  | { readonly atMs: number; readonly groups: Promise<ReadonlyMap<number, readonly number[]>> }
  | undefined;

/** Processes of a group that run now or did half a second ago, its leader first; of other systems than Linux it alone. */
export async function membersOf(leader: number): Promise<readonly number[]> {
  if (platform() !== "linux") return [leader];
  const nowMs = performance.now();
  if (looked === undefined || nowMs - looked.atMs > lookEveryMs)
    looked = { atMs: nowMs, groups: readGroups() };
  return (await looked.groups).get(leader) ?? [leader];
}

async function readGroups(): Promise<ReadonlyMap<number, readonly number[]>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      return { pid: Number(pid), group: parseProcStat(stat)?.group };
    }),
  );
  const groups = new Map<number, number[]>();
  for (const { pid, group } of found) {
    if (group === undefined) continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [pid]);
    else if (pid === group) members.unshift(pid);
    else members.push(pid);
  }
  return groups;
}

/** What a whole group uses, files and shared memory counted once, with its leader; CPU time of members that have ended is not in it. undefined where none runs. */
export async function readGroup(
  leader: number,
): Promise<(Omit<ProcessFacts, "start"> & { readonly openFiles?: number | undefined }) | undefined> {
  const members = await membersOf(leader);
  const facts = await Promise.all(
    members.map(async (pid) => {
      const [found, openFiles] = await Promise.all([readProcess(pid), countOpenFiles(pid)]);
      if (found === undefined) return undefined;
      const { anonymousBytes = found.memoryBytes } = found;
      return { ...found, openFiles, memoryBytes: pid === leader ? found.memoryBytes : anonymousBytes };
    }),
  );
  const running = facts.filter((one) => one !== undefined);
  if (running.length === 0) return undefined;
  const sum = (of: (one: (typeof running)[number]) => number | undefined) =>
    running.reduce((total, one) => total + (of(one) ?? 0), 0);
  return {
    cpuSecs: sum(({ cpuSecs }) => cpuSecs),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    threads: sum(({ threads }) => threads) || undefined,
    openFiles: sum(({ openFiles }) => openFiles) || undefined,
  };
}
