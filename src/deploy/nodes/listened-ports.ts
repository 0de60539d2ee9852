import { readdir, readFile, readlink } from "node:fs/promises";
import { platform } from "node:os";
import { listGroup, parseSocketTable } from "./ports.ts";

/**
 * TCP ports on which a group of processes of this machine listens, ascending.
 *
 * @param leader the process that leads the group
 * @returns undefined on other systems than Linux
 */
export async function listListenedPorts(leader: number): Promise<readonly number[] | undefined> {
  if (platform() !== "linux") return undefined;
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  const sockets = tables.flatMap(parseSocketTable).filter(({ listens }) => listens);
  const held = new Set((await Promise.all((await listGroup(leader)).map(listSockets))).flat());
  const ports = sockets.filter(({ inode }) => held.has(inode)).map(({ port }) => port);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Inodes of a process's sockets. */
async function listSockets(pid: string): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  // A process may end meanwhile, or not be ours to look at.
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => "")));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}
