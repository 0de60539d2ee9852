/** What a Linux machine counts of itself, from the text of its files under /proc and /sys. */
import { parseProcStat } from "../../core/process/processes.ts";

/** Text by path, such as "/proc/stat"; a file that is not there, or may not be read, is absent. */
export type RawSample = ReadonlyMap<string, string>;

/** Files that are read of every machine. */
export const machineFiles = [
  "/proc/uptime",
  "/proc/stat",
  "/proc/meminfo",
  "/proc/pressure/memory",
  "/proc/net/dev",
  "/proc/cpuinfo",
] as const;

/** Times are counted in ticks, of which every machine that Node.js runs on has 100 a second and core. */
export const ticksPerSecond = 100;

/** CPU time of all cores since the start of the machine, in ticks. */
export interface CpuTicks {
  /** Waiting for a disk included. */
  readonly idle: number;
  readonly steal: number;
  /** Cores that are counted. */
  readonly cores: number;
}

/** CPU time of a process and of children it has waited for; `startTicks` tells it from another of the same number. */
export interface ProcessTicks
  extends Omit<NonNullable<ReturnType<typeof parseProcStat>>, "session" | "group"> {
  /** Resident memory, bytes; of nodes alone. */
  readonly memoryBytes?: number | undefined;
  /** The part of it that is shared with no other process. */
  readonly anonymousBytes?: number | undefined;
  /** Calls of read and write since it began, whatever they were for; of nodes alone. */
  readonly reads?: number | undefined;
  readonly writes?: number | undefined;
}

/** Counters of one moment; what a machine does not tell is absent. */
export interface MachineSample {
  /** Since the start of the machine. */
  readonly uptimeSecs: number;
  readonly cpu?: CpuTicks | undefined;
  readonly frequencyMhz?: number | undefined;
  readonly memoryAvailableBytes?: number | undefined;
  /** Time in which at least one task waited for memory. */
  readonly memoryStallUs?: number | undefined;
  /** Bytes received and sent, by interface. */
  readonly networkBytes: ReadonlyMap<string, number>;
  /** Those that were asked for and run. */
  readonly processes: ReadonlyMap<number, ProcessTicks>;
  /** Control groups of those that were asked for, as they stand there. */
  readonly cgroups: ReadonlyMap<number, string>;
}

/** undefined where it is no sample at all. */
export function parseSample(raw: RawSample): MachineSample | undefined {
  const uptimeSecs = Number.parseFloat(raw.get("/proc/uptime") ?? "");
  if (!Number.isFinite(uptimeSecs)) return undefined;
  return {
    uptimeSecs,
    cpu: parseCpu(raw.get("/proc/stat") ?? ""),
    frequencyMhz: parseFrequency(raw),
    memoryAvailableBytes: parseAvailable(raw.get("/proc/meminfo") ?? ""),
    memoryStallUs: numberAfter(/^some .*\btotal=(\d+)/m, raw.get("/proc/pressure/memory")),
    networkBytes: parseInterfaces(raw.get("/proc/net/dev") ?? ""),
    ...parseProcesses(raw),
  };
}

function numberAfter(pattern: RegExp, text: string | undefined): number | undefined {
  const digits = pattern.exec(text ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The line of all cores, and how many there are. Busy time is not read: most kernels guess it from what runs when a
 * tick comes, so that work between ticks is missed, while idle time and the time of each process are measured.
 *
 * @see proc_stat(5): user nice system idle iowait irq softirq steal guest guest_nice; old kernels have the first ones
 */
function parseCpu(text: string): CpuTicks | undefined {
  const line = /^cpu +(\d[\d ]*)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const [, , , idle, iowait = 0, , , steal = 0] = line.trim().split(/ +/).map(Number);
  const cores = text.match(/^cpu\d+ /gm)?.length ?? 0;
  if (idle === undefined || cores === 0) return undefined;
  return { idle: idle + iowait, steal, cores };
}

/** Mean over the cores that tell: x86 in cpuinfo, others in files of their own, kHz. */
function parseFrequency(raw: RawSample): number | undefined {
  const reported = [...(raw.get("/proc/cpuinfo") ?? "").matchAll(/^cpu MHz\s*: *([\d.]+)/gm)].map(([, mhz]) =>
    Number(mhz),
  );
  const files = [...raw].flatMap(([path, text]) =>
    path.endsWith("/scaling_cur_freq") ? [Number.parseInt(text, 10) / 1000] : [],
  );
  const cores = (reported.length > 0 ? reported : files).filter((mhz) => mhz > 0);
  return cores.length === 0 ? undefined : cores.reduce((sum, mhz) => sum + mhz, 0) / cores.length;
}

/** Kernels before 3.14 do not tell; what is free is less than what could be had. */
function parseAvailable(text: string): number | undefined {
  const kib = numberAfter(/^MemAvailable: +(\d+) kB$/m, text);
  return kib === undefined ? undefined : kib * 1024;
}

/** Names of interfaces whose traffic stays on the machine, or is counted once more by another one. */
const inner = /^(lo|docker\d+|br-\w+|veth\w*|virbr\d+|vnet\d+|ifb\d+|cni\d+|flannel\S*|cali\w+|dummy\d+)$/;

/** @see proc_pid_net(5): after the name 8 counts of what was received, bytes first, then those of what was sent */
function parseInterfaces(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name = "", counts = ""] = /^\s*([^\s:]+):\s*(\d.*)$/.exec(line) ?? [];
    const [received, , , , , , , , sent] = counts.split(/\s+/).map(Number);
    if (name === "" || inner.test(name) || received === undefined || sent === undefined) continue;
    found.set(name, received + sent);
  }
  return found;
}

function parseProcesses(raw: RawSample): Pick<MachineSample, "processes" | "cgroups"> {
  const processes = new Map<number, ProcessTicks>();
  const cgroups = new Map<number, string>();
  for (const [path, text] of raw) {
    const [, digits, file] = /^\/proc\/(\d+)\/(stat|cgroup)$/.exec(path) ?? [];
    if (digits === undefined) continue;
    if (file === "cgroup") cgroups.set(Number(digits), text);
    const facts = file === "stat" ? parseProcStat(text) : undefined;
    if (facts === undefined) continue;
    const { session: _session, group: _group, ...ticks } = facts;
    const status = raw.get(`/proc/${digits}/status`);
    const residentKib = numberAfter(/^VmRSS:\s*(\d+) kB$/m, status);
    const anonymousKib = numberAfter(/^RssAnon:\s*(\d+) kB$/m, status);
    const calls = raw.get(`/proc/${digits}/io`);
    const [reads, writes] = [/^syscr: (\d+)$/m, /^syscw: (\d+)$/m].map((one) => numberAfter(one, calls));
    processes.set(Number(digits), {
      ...ticks,
      ...(residentKib !== undefined && { memoryBytes: residentKib * 1024 }),
      ...(anonymousKib !== undefined && { anonymousBytes: anonymousKib * 1024 }),
      ...(reads !== undefined && { reads }),
      ...(writes !== undefined && { writes }),
    });
  }
  return { processes, cgroups };
}
