/** What the machine has for a committee and the clients that drive it. */
import { readFile } from "node:fs/promises";
import { availableParallelism, platform } from "node:os";
import type { SweepParameters } from "../../contracts/parameters.ts";
import { runCommand } from "../../core/process/command.ts";
import { leastMemoryBytesPerNode } from "../../deploy/remote/checks.ts";
import { coreWarning } from "../../load/level/client-count.ts";
import { formatBytes } from "../../results/report/text/figures.ts";
import type { Diagnosis, Finding } from "./diagnosis.ts";

/** What the coordinator and the process of its clients take: two programs of Node.js with little to keep. */
const leastClientBytes = 256 * 1024 ** 2;

export interface MemoryFacts {
  readonly committee: number;
  /** undefined where the system does not tell. */
  readonly availableBytes: number | undefined;
}

export function judgeMemory({ committee, availableBytes }: MemoryFacts): Diagnosis {
  const name = "Memory";
  if (availableBytes === undefined) return { name, summary: "not told by this system", findings: [] };
  const neededBytes = leastClientBytes + committee * leastMemoryBytesPerNode;
  const summary = `${formatBytes(availableBytes)} available`;
  if (availableBytes >= neededBytes) return { name, summary, findings: [] };
  const message = `${committee} nodes and the clients take ${formatBytes(neededBytes)} at least, and ${formatBytes(availableBytes)} are available. End other programs, give a smaller --committee, or use a larger machine. To see what takes the most:`;
  const command = "ps -eo rss,pid,args --sort=-rss | head";
  return { name, summary, findings: [{ severity: "fault", code: "memory", message, command }] };
}

/** More nodes than this to a core wait for each other rather than for the network. */
const mostNodesPerCore = 4;

export interface CoreFacts {
  readonly committee: number;
  readonly cores: number;
  /** Clients that a run has. */
  readonly clients: number;
}

export function judgeCores({ committee, cores, clients }: CoreFacts): Diagnosis {
  const findings: Finding[] = [];
  const warn = (message: string) => findings.push({ severity: "warning", code: "cores", message });
  const crowded = coreWarning(clients, cores);
  if (crowded !== undefined) warn(crowded);
  if (committee > mostNodesPerCore * cores) {
    warn(
      `${committee} nodes share ${cores} ${cores === 1 ? "core" : "cores"}: what is measured is how they wait for them. Give a smaller --committee, or use hosts (--network-type remote).`,
    );
  }
  return { name: "Cores", summary: `${cores} for ${committee} nodes and their load`, findings };
}

/** Cores that this process may use. */
export const readCores = availableParallelism;

/** Files, pipes and connections of a process besides those that carry the load; and for each node. */
const otherFiles = 128;
const filesPerNode = 8;
/** What the remedies ask for: enough for every load that can be asked for. */
const manyFiles = 65_536;

export interface FileLimitFacts {
  /** Open files that a process may have; undefined where there is no limit, or it is not told. */
  readonly limit: number | undefined;
  readonly parameters: Pick<SweepParameters, "committee" | "maxInFlight" | "transport">;
  readonly platform: string;
}

export function judgeFileLimit({ limit, parameters, platform: system }: FileLimitFacts): Diagnosis {
  const name = "Open files";
  if (limit === undefined) return { name, summary: "no limit is told", findings: [] };
  const { committee, maxInFlight, transport } = parameters;
  const least = otherFiles + filesPerNode * committee;
  const needed = least + Math.ceil(maxInFlight / transport.inFlightPerConnection);
  const summary = `at most ${limit} a process, and a full load takes ${needed}`;
  if (limit >= needed) return { name, summary, findings: [] };
  const severity = limit < least ? "fault" : "warning";
  const message = `A process may have ${limit} open files, and ${maxInFlight} requests under way take ${needed}. Raise the limit in this shell, or give a smaller --max-in-flight.`;
  const command =
    system === "linux" ? `sudo prlimit --pid $$ --nofile=${manyFiles}` : `ulimit -n ${manyFiles}`;
  return { name, summary, findings: [{ severity, code: "open-files", message, command }] };
}

/** The limit of this process, which what it starts inherits. Node.js has raised it as far as it may go. */
export async function readFileLimit(): Promise<number | undefined> {
  const text = platform() === "linux" ? await readFromProc() : await readFromShell();
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** @see proc_pid_limits(5) */
async function readFromProc(): Promise<string> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  return /^Max open files +(\S+)/m.exec(limits)?.[1] ?? "";
}

async function readFromShell(): Promise<string> {
  return (await runCommand(["/bin/sh", "-c", "ulimit -n"], { timeoutMs: 5000 })).stdout.trim();
}
