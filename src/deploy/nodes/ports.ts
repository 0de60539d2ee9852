import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { platform } from "node:os";
import { basename } from "node:path";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { BaleenError, systemCode } from "../../core/errors.ts";
import { runCommand } from "../../core/process/command.ts";
import { formatForeign } from "../../core/text/foreign-text.ts";

/** Who listens on a port. */
export interface PortHolder {
  /** Absent where it belongs to somebody whose processes we may not see. */
  readonly pid?: number;
  /** "node (pid 123)" */
  readonly description: string;
}

/**
 * Ports are chosen below the ranges that Linux (from 32768) and macOS (from 49152) take for outgoing
 * connections, which could otherwise sit on a node's port while the node restarts; and below our fixed ones.
 */
const lowestPort = 12_000;
const highestPort = 26_599;
/** Of a program's name. */
const longestName = 64;

/** Whether `port` of `host` can be listened on now. Rejects where `host` is none of this machine's addresses. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  const server = await listen(host, port);
  if (server === undefined) return false;
  await close(server);
  return true;
}

/**
 * Finds `count` different free ports of `host`; each is held until all are found, then all are let go.
 *
 * @param except ports that are not to be taken, though they be free
 * @throws BaleenError "no-free-ports"
 */
export async function findFreePorts(
  count: number,
  host: string,
  except: ReadonlySet<number> = new Set(),
): Promise<number[]> {
  // Trying would hold every port of the range for seconds, from all other programs.
  if (count > highestPort - lowestPort + 1) throw noFreePorts(count, host);
  const held = new Map<number, Server>();
  try {
    for (let attempts = 20 * count + 1000; held.size < count; attempts--) {
      if (attempts === 0) throw noFreePorts(count, host);
      const port = randomInt(lowestPort, highestPort + 1);
      const server = held.has(port) || except.has(port) ? undefined : await listen(host, port);
      if (server !== undefined) held.set(port, server);
    }
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map(close));
  }
}

/** Where Linux begins to take ports for outgoing connections. */
const firstOutgoingPort = 32_768;

/**
 * Finds `count` free ports of `host` in a row, from `from` on, below those of outgoing connections.
 *
 * @returns the first of them; undefined where there are none
 */
export async function findFreeRange(count: number, host: string, from: number): Promise<number | undefined> {
  for (let first = from; first + count <= firstOutgoingPort; ) {
    let port = first;
    while (port < first + count && (await isPortFree(host, port))) port++;
    if (port === first + count) return first;
    first = port + 1;
  }
  return undefined;
}

function noFreePorts(count: number, host: string): BaleenError {
  const where = `on ${host} between ${lowestPort} and ${highestPort}`;
  const remedy = "End some of the programs that listen there, or use a smaller committee.";
  return new BaleenError("no-free-ports", `Cannot find ${count} free ports ${where}. ${remedy}`);
}

/**
 * Says who keeps a port from being listened on.
 *
 * @param host the address that was to be listened on
 * @returns undefined where nobody does, or it cannot be found out
 */
export function findPortHolder(port: number, host: string): Promise<PortHolder | undefined> {
  if (platform() === "linux") return findHolderInProc(port, host);
  return listListenersByLsof(port).then(parseLsof);
}

/**
 * Whether it is a group of processes that listens there, or, with UDP, receives.
 *
 * @param pid the process that leads the group; it may be a script, and another of the group the program itself
 */
export async function isListening(pid: number, { host, port }: Endpoint): Promise<boolean> {
  if (platform() !== "linux") return (await listListenersByLsof(port, ["-a", "-g", String(pid)])) !== "";
  const [tcp, udp] = await Promise.all([readSockets("tcp", pid), readSockets("udp", pid)]);
  const inodes = [...tcp.filter(({ listens }) => listens), ...udp].filter(isAt(port, host)).map(inodeOf);
  if (inodes.length === 0) return false;
  if (await holdsSocket(String(pid), inodes)) return true;
  for (const member of await listGroup(pid)) if (await holdsSocket(member, inodes)) return true;
  return false;
}

/**
 * TCP ports on which a group of processes of this machine listens, ascending.
 *
 * @param leader the process that leads the group
 * @returns undefined on other systems than Linux
 */
export async function listListenedPorts(leader: number): Promise<readonly number[] | undefined> {
  if (platform() !== "linux") return undefined;
  const sockets = (await readSockets("tcp", leader)).filter(({ listens }) => listens);
  const held = new Set((await Promise.all((await listGroup(leader)).map(listSockets))).flat());
  const ports = sockets.filter(({ inode }) => held.has(inode)).map(({ port }) => port);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Ids of the processes of a group. @see proc_pid_stat(5): pgrp is field 5, the third behind the name in brackets */
async function listGroup(leader: number): Promise<string[]> {
  const members: string[] = [];
  for (const name of await readdir("/proc")) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, "utf8").catch(() => "") : "";
    const [, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (group === String(leader)) members.push(name);
  }
  return members;
}

/** @param pid whose network namespace is looked into; undefined: that of this process */
async function readSockets(kind: "tcp" | "udp", pid?: number): Promise<SocketRow[]> {
  const folder = pid === undefined ? "/proc/net" : `/proc/${pid}/net`;
  const tables = await Promise.all(
    [`${folder}/${kind}`, `${folder}/${kind}6`].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  return tables.flatMap(parseSocketTable);
}

function isAt(port: number, host: string): (socket: SocketRow) => boolean {
  const anyHost = host === "0.0.0.0" || host === "::" || !/^[\d.]+$/.test(host);
  const places = ["", host, "0.0.0.0"];
  return (socket) =>
    socket.port === port && socket.inode !== "0" && (anyHost || places.includes(socket.address));
}

const inodeOf = ({ inode }: SocketRow) => inode;

async function findHolderInProc(port: number, host: string): Promise<PortHolder | undefined> {
  const sockets = (await readSockets("tcp")).filter(isAt(port, host));
  // An open connection's own port is taken too, though nobody listens there.
  const socket = sockets.find((candidate) => candidate.listens) ?? sockets[0];
  if (socket === undefined) return undefined;
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || !(await holdsSocket(name, [socket.inode]))) continue;
    return { pid: Number(name), description: `${await readProcessName(name)} (pid ${name})` };
  }
  return { description: `a process of another user (uid ${socket.uid})` };
}

type SocketRow = ReturnType<typeof parseSocketTable>[number];

/**
 * Parses /proc/net/tcp and tcp6: IPv4 addresses in dots, "" for any address, other IPv6 as it stands there.
 *
 * @see proc_pid_net(5)
 */
export function parseSocketTable(text: string) {
  const rows = text.split("\n").slice(1);
  return rows.flatMap((line) => {
    const [, local = "", , state, , , , uid, , inode] = line.trim().split(/\s+/);
    const [hex = "", port] = local.split(":");
    if (port === undefined || uid === undefined || inode === undefined) return [];
    const address = parseAddress(hex);
    return [{ address, port: Number.parseInt(port, 16), listens: state === "0A", uid, inode }];
  });
}

function parseAddress(hex: string): string {
  if (/^0+$/.test(hex)) return "";
  const mapped = hex.startsWith("0000000000000000FFFF0000") ? hex.slice(24) : hex;
  if (mapped.length !== 8) return hex;
  // A 32-bit number in the machine's order, which is little-endian wherever Node.js runs today.
  return [6, 4, 2, 0].map((at) => Number.parseInt(mapped.slice(at, at + 2), 16)).join(".");
}

async function holdsSocket(pid: string, inodes: readonly string[]): Promise<boolean> {
  return (await listSockets(pid)).some((inode) => inodes.includes(inode));
}

/** Inodes of a process's sockets. One that ends meanwhile, or is not ours to look at, has none that we could name. */
async function listSockets(pid: string): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => "")));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

async function readProcessName(pid: string): Promise<string> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  const program = basename(commandLine.split("\0")[0] ?? "");
  const name = program === "" ? await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "?") : program;
  return formatForeign(name).slice(0, longestName);
}

async function listListenersByLsof(port: number, further: readonly string[] = []): Promise<string> {
  const argv = ["/usr/sbin/lsof", "-nP", ...further, `-iTCP:${port}`, "-sTCP:LISTEN", "-F", "pc"];
  const options = { timeoutMs: 10_000, allowFailure: true };
  // Where it is not to be had, nothing is known.
  return runCommand(argv, options).then(
    ({ stdout }) => stdout,
    () => "",
  );
}

/** Parses the first process of `lsof -F pc`: lines "p123" and "cnode". */
export function parseLsof(text: string): PortHolder | undefined {
  const pid = /^p(\d+)$/m.exec(text)?.[1];
  if (pid === undefined) return undefined;
  const name = /^c(.+)$/m.exec(text)?.[1] ?? "?";
  return { pid: Number(pid), description: `${formatForeign(name).slice(0, longestName)} (pid ${pid})` };
}

/** undefined where the port is taken, or is not ours to take. */
async function listen(host: string, port: number): Promise<Server | undefined> {
  const server = createServer().listen({ host, port, exclusive: true });
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    const code = systemCode(error);
    if (code === "EADDRINUSE" || code === "EACCES") return undefined;
    throw error;
  }
}

async function close(server: Server): Promise<void> {
  await once(server.close(), "close");
}
