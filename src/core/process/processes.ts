import { readdir, readFile } from "node:fs/promises";
import { platform } from "node:os";
import { pid } from "node:process";
import { runCommand } from "./command.ts";

export const ownPid: number = pid;

export interface ProcessFacts {
  /** When it started, in the system's own terms: with the pid it names one process for ever, over restarts too. */
  readonly start: string;
  /** CPU time used since then, all its threads, seconds. */
  readonly cpuSecs: number;
  /** Resident memory, bytes. */
  readonly memoryBytes: number;
  /** The part of it that is no file's and is shared with no other program, bytes; absent where the system does not tell. */
  readonly anonymousBytes?: number | undefined;
  /** Absent where the system does not tell. */
  readonly threads?: number | undefined;
}

/** undefined where there is no such process, or it has ended and waits to be reaped. */
export async function readProcess(pid: number): Promise<ProcessFacts | undefined> {
  return platform() === "linux" ? readFromProc(pid) : readFromPs(pid);
}

/** USER_HZ, the unit of times in /proc: 100 on every machine that Node.js runs on. */
const ticksPerSecond = 100;

async function readFromProc(pid: number): Promise<ProcessFacts | undefined> {
  const [stat, status, boot] = await Promise.all(
    [`/proc/${pid}/stat`, `/proc/${pid}/status`, "/proc/sys/kernel/random/boot_id"].map((file) =>
      readFile(file, "utf8").catch(() => ""),
    ),
  );
  const facts = parseProcStat(stat ?? "");
  if (facts === undefined) return undefined;
  const kib = (name: string) => new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status ?? "")?.[1];
  const anonymousKib = kib("RssAnon");
  return {
    start: `${(boot ?? "").trim()}/${facts.startTicks}`,
    cpuSecs: facts.cpuTicks / ticksPerSecond,
    memoryBytes: Number(kib("VmRSS") ?? 0) * 1024,
    anonymousBytes: anonymousKib === undefined ? undefined : Number(anonymousKib) * 1024,
    threads: Number(/^Threads:\s*(\d+)$/m.exec(status ?? "")?.[1] ?? "0") || undefined,
  };
}

/** File descriptors that a process has open; undefined where the system does not tell. */
export async function countOpenFiles(pid: number): Promise<number | undefined> {
  if (platform() !== "linux") return undefined;
  return await readdir(`/proc/${pid}/fd`).then(
    (names) => names.length,
    () => undefined,
  );
}

/** @returns undefined for a process that has ended (states Z and X) @see proc_pid_stat(5) for the numbers of fields */
export function parseProcStat(
  text: string,
): { startTicks: number; cpuTicks: number; childTicks: number; group: number; session: number } | undefined {
  // Field 2 is the program's name in brackets, which may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => fields[number - 3] ?? "";
  if (!/^[A-WY]$/i.test(field(3)) || field(22) === "") return undefined;
  return {
    startTicks: Number(field(22)),
    cpuTicks: Number(field(14)) + Number(field(15)),
    childTicks: Number(field(16)) + Number(field(17)),
    group: Number(field(5)),
    session: Number(field(6)),
  };
}

async function readFromPs(pid: number): Promise<ProcessFacts | undefined> {
  const argv = ["/bin/ps", "-o", "state=,lstart=,time=,rss=", "-p", String(pid)];
  const options = { env: { LC_ALL: "C", TZ: "UTC" }, timeoutMs: 5000, allowFailure: true };
  return parsePs((await runCommand(argv, options)).stdout);
}

/** Parses `ps -o state=,lstart=,time=,rss=` of one process, as macOS and the BSDs print it. */
export function parsePs(text: string): ProcessFacts | undefined {
  const row = /^\s*([^\sZ]\S*)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+([\d:.]+)\s+(\d+)\s*$/.exec(text);
  if (row === null) return undefined;
  const [, , start = "", time = "", memoryKib = ""] = row;
  const cpuSecs = time.split(":").reduce((total, part) => total * 60 + Number(part), 0);
  return { start: start.replaceAll(/\s+/g, " "), cpuSecs, memoryBytes: Number(memoryKib) * 1024 };
}

/**
 * Commands of ours that outlived whoever started them: they name `text` and lead a session of their own, as everything
 * does that `runCommand` starts, and nothing that a person starts in a shell.
 */
export async function findOrphans(text: string): Promise<number[]> {
  if (platform() !== "linux") return findOrphansByPs(text);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = pids.map(async (pid) => {
    const [commandLine = "", stat = ""] = await Promise.all(
      ["cmdline", "stat"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")),
    );
    return commandLine.includes(text) && parseProcStat(stat)?.session === pid ? [pid] : [];
  });
  return (await Promise.all(found)).flat();
}

/** macOS and the BSDs tell no session: what leads a group and has lost its parent is one. */
async function findOrphansByPs(text: string): Promise<number[]> {
  const argv = ["/bin/ps", "-axww", "-o", "pid=,ppid=,pgid=,command="];
  const { stdout } = await runCommand(argv, { env: { LC_ALL: "C" }, timeoutMs: 5000, allowFailure: true });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, group] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s/.exec(line) ?? [];
    return line.includes(text) && parent === "1" && group === pid ? [Number(pid)] : [];
  });
}
