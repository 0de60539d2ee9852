/** What the machine has for a committee and the clients that drive it, and its clock. */
import { readFile } from "node:fs/promises";
import { platform } from "node:os";
import type { SweepParameters } from "../../contracts/parameters.ts";
import { runCommand } from "../../core/process/command.ts";
import { leastMemoryBytesPerNode, mostNodesPerCore } from "../../deploy/remote/checks.ts";
import { coreWarning } from "../../load/level/client-count.ts";
import { formatBytes } from "../../results/report/text/figures.ts";
import type { Finding, Judgement } from "../run-checks.ts";
import { byRoot, type MachineFacts } from "./docker.ts";

/** What the coordinator and the process of its clients take: two programs of Node.js with little to keep. */
const leastClientBytes = 256 * 1024 ** 2;

/** @param availableBytes undefined where the system does not tell */
export function judgeMemory(committee: number, availableBytes: number | undefined): Judgement {
  if (availableBytes === undefined) return { summary: "not reported by this system", findings: [] };
  const neededBytes = leastClientBytes + committee * leastMemoryBytesPerNode;
  const summary = `${formatBytes(availableBytes)} available`;
  if (availableBytes >= neededBytes) return { summary, findings: [] };
  const message = `${committee} nodes and the clients need at least ${formatBytes(neededBytes)}, but only ${formatBytes(availableBytes)} are available. End other programs, use a smaller --committee, or use a larger machine. To see which programs use the most:`;
  const command = "ps -eo rss,pid,args --sort=-rss | head";
  return { summary, findings: [{ severity: "fault", code: "memory", message, command }] };
}

/** @param clients that a run has */
export function judgeCores(counts: Readonly<Record<"committee" | "cores" | "clients", number>>): Judgement {
  const { committee, cores, clients } = counts;
  const findings: Finding[] = [];
  const warn = (message: string) => findings.push({ severity: "warning", code: "cores", message });
  const crowded = coreWarning(clients, cores);
  if (crowded !== undefined) warn(crowded);
  if (committee > mostNodesPerCore * cores) {
    warn(
      `${committee} nodes share ${cores} ${cores === 1 ? "core" : "cores"}: the results would mostly show how nodes wait for a core. Use a smaller --committee, or hosts (--network-type remote).`,
    );
  }
  return { summary: `${cores} for ${committee} nodes and their load`, findings };
}

/** Files, pipes and connections of a process besides those that carry the load; and for each node. */
const otherFiles = 128;
const filesPerNode = 8;
/** What the remedies ask for: enough for every load that can be asked for. */
const manyFiles = 65_536;

/**
 * @param limit open files that a process may have; undefined where there is no limit, or it is not told
 * @param system as node:os names it
 */
export function judgeFileLimit(
  limit: number | undefined,
  { committee, maxInFlight, transport }: Pick<SweepParameters, "committee" | "maxInFlight" | "transport">,
  system: string,
): Judgement {
  if (limit === undefined) return { summary: "no limit reported", findings: [] };
  const least = otherFiles + filesPerNode * committee;
  const needed = least + Math.ceil(maxInFlight / transport.inFlightPerConnection);
  const summary = `at most ${limit} per process; a full load needs ${needed}`;
  if (limit >= needed) return { summary, findings: [] };
  const severity = limit < least ? "fault" : "warning";
  const message = `A process may have ${limit} open files, but ${maxInFlight} requests in flight need ${needed}. Raise the limit in this shell, or use a smaller --max-in-flight.`;
  const command =
    system === "linux" ? `sudo prlimit --pid $$ --nofile=${manyFiles}` : `ulimit -n ${manyFiles}`;
  return { summary, findings: [{ severity, code: "open-files", message, command }] };
}

/** The limit of this process, which what it starts inherits. Node.js has raised it as far as it may go. */
export async function readFileLimit(): Promise<number | undefined> {
  if (platform() === "linux") {
    // proc_pid_limits(5)
    const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
    const [, limit] = /^Max open files +(\d+)\s/m.exec(limits) ?? [];
    return limit === undefined ? undefined : Number(limit);
  }
  const { stdout } = await runCommand(["/bin/sh", "-c", "ulimit -n"], { timeoutMs: 5000 });
  return /^\d+$/.test(stdout.trim()) ? Number(stdout) : undefined;
}

interface ClockSources {
  /** What the kernel reads the time from: "tsc"; undefined where it is not told. */
  readonly current: string | undefined;
  readonly available: readonly string[];
}

/** Sources that are read without a call to the kernel, the best first. */
const fastSources = ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"];
/** Sources known to be slow: reading one takes a microsecond or more, each time. */
const slowSources = ["hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"];

const clockFolder = "/sys/devices/system/clocksource/clocksource0";

export function judgeClock({ current, available }: ClockSources, facts: MachineFacts): Judgement {
  const findings: Finding[] = [];
  if (current !== undefined && slowSources.includes(current)) {
    const better = fastSources.find((source) => available.includes(source));
    const remedy = better === undefined ? "Use another machine for precise figures." : `Switch to ${better}:`;
    const command =
      better === undefined ? undefined : `echo ${better} | sudo tee ${clockFolder}/current_clocksource`;
    const message = `The kernel reads the time from ${current}, which takes a microsecond or more each time. ${remedy}`;
    findings.push({ severity: "warning", code: "clock-source", message, command });
  }
  const isSynchronized = facts?.clockSynchronized;
  if (isSynchronized === false) {
    const message =
      "The clock is not synchronized, so times in logs and on other hosts may not match this machine's. Synchronize it:";
    const command = byRoot(["timedatectl", "set-ntp", "true"], facts);
    findings.push({ severity: "warning", code: "clock-not-synchronized", message, command });
  }
  const known = `${isSynchronized ? "" : "not "}synchronized`;
  const kept = isSynchronized === undefined ? "synchronization unknown" : known;
  return { summary: `source ${current ?? "unknown"}, ${kept}`, findings };
}

export async function readClockSources(): Promise<ClockSources> {
  const read = async (name: string) =>
    (await readFile(`${clockFolder}/${name}`, "utf8").catch(() => "")).trim();
  const [current, available] = await Promise.all([
    read("current_clocksource"),
    read("available_clocksource"),
  ]);
  return { current: current === "" ? undefined : current, available: available.split(" ") };
}
