import { readdir, readFile } from "node:fs/promises";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import { ownPid } from "../../core/process/processes.ts";
import { type MachineSample, machineFiles, parseSample, type RawSample } from "./sample.ts";

/** Takes samples of one machine. */
export interface MachineReader extends AsyncDisposable {
  /** Makes it ready; what it cannot do now is tried again by each look. Never rejects. */
  readonly open: () => Promise<void>;
  /** Processes of whoever measures, there: their CPU time is none of others. */
  readonly own: () => readonly OwnProcess[];
  /**
   * Looks at the machine now, and at these processes there.
   *
   * @returns undefined where it does not tell; it never rejects
   */
  readonly read: (processes: readonly OwnProcess[]) => Promise<MachineSample | undefined>;
}

/** Files that tell of a process. */
export function processFiles({ pid, containerId }: OwnProcess): string[] {
  return containerId === undefined ? [`/proc/${pid}/stat`] : [`/proc/${pid}/stat`, `/proc/${pid}/cgroup`];
}

/** Files with the clock of each core, where cpuinfo does not have it. */
async function listFrequencyFiles(): Promise<string[]> {
  if (/^cpu MHz/m.test(await readText("/proc/cpuinfo"))) return [];
  const cores = await readdir("/sys/devices/system/cpu").catch(() => []);
  return cores
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => `/sys/devices/system/cpu/${name}/cpufreq/scaling_cur_freq`);
}

const readText = (path: string) => readFile(path, "utf8").catch(() => "");

/** Looks at the machine of this program, by its files, without a process of its own. */
export function openLocalReader(): MachineReader {
  const files: string[] = [...machineFiles];
  return {
    open: async () => {
      files.push(...(await listFrequencyFiles()));
    },
    own: () => [{ pid: ownPid }],
    read: async (processes) => {
      const paths = new Set([...files, ...processes.flatMap(processFiles)]);
      const texts = await Promise.all([...paths].map(async (path) => [path, await readText(path)] as const));
      const raw: RawSample = new Map(texts.filter(([, text]) => text !== ""));
      return parseSample(raw);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
