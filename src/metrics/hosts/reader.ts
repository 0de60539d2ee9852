import { readdir, readFile } from "node:fs/promises";
import type { Host, HostProcess } from "../../contracts/hosts/host.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import { endProcess } from "../../core/process/end.ts";
import { ProcessLines } from "../../core/process/lines.ts";
import { ownPid } from "../../core/process/processes.ts";
import { type MachineSample, machineFiles, parseSample, type RawSample } from "./sample.ts";

/** Takes samples of one machine. */
export interface MachineReader extends AsyncDisposable {
  /** Makes it ready; what it cannot do now is tried again by each look. Never rejects. */
  readonly open: () => Promise<void>;
  /** Processes of whoever measures, there: their CPU time is none of others. */
  readonly own: () => readonly OwnProcess[];
  /** Looks at the machine now, and at these processes there; undefined where it does not tell. Never rejects. */
  readonly read: (processes: readonly OwnProcess[]) => Promise<MachineSample | undefined>;
}

/** Files that tell of a process. */
function processFiles({ pid, containerId, node }: OwnProcess): string[] {
  const files = [
    "stat",
    ...(containerId === undefined ? [] : ["cgroup"]),
    ...(node === undefined ? [] : ["status", "io"]),
  ];
  return files.map((file) => `/proc/${pid}/${file}`);
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

/** Longest wait for a host's answer: it is wanted once a second. */
const answerTimeoutMs = 5_000;

/**
 * What runs on a host: POSIX sh. First it names itself and the processes above it, which carry what is asked of the
 * host. For each line that comes, with further files, it writes the lines that matter of all files, each behind the
 * path of its file, and "end". It ends with its standard input.
 */
const script = `
LC_ALL=C
export LC_ALL
set -- ${machineFiles.join(" ")}
grep -q "^cpu MHz" /proc/cpuinfo 2>/dev/null || set -- "$@" /sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq
echo "own $$"
above=$PPID
while [ "$above" -gt 1 ]; do
  echo "own $above"
  next=1
  while read -r key value; do [ "$key" != PPid: ] || next=$value; done < "/proc/$above/status"
  above=$next
done
echo end
while read -r more; do
  grep -sHE "^cpu[0-9 ]|^MemAvailable|^VmRSS|^RssAnon|^sysc[rw]: |^some |: *[0-9]+ +[0-9]+ +[0-9]+|^[0-9]" "$@" $more
  echo end
done
`;

/** Looks at a host, over one command that stays there. Where it is lost, the next look starts another one. */
export function openHostReader(host: Host): MachineReader {
  const closing = new AbortController();
  let helper: Awaited<ReturnType<typeof startHelper>>;
  let starting: Promise<void> | undefined;
  const start = () => {
    starting ??= startHelper(host, closing.signal)
      .then((started) => {
        helper = started;
      })
      // Connection and host tell of themselves; here there is nothing to be seen, and the next look tries again.
      .catch(() => {})
      .finally(() => {
        starting = undefined;
      });
    return starting;
  };
  return {
    own: () => helper?.own ?? [],
    open: start,
    read: async (processes) => {
      if (helper === undefined) {
        if (!closing.signal.aborted) void start();
        return undefined;
      }
      const answer = await helper.ask(processes.flatMap(processFiles), closing.signal);
      if (answer !== undefined) return parseSample(gather(answer));
      // An answer that comes too late would be taken for the next one.
      const lost = helper;
      helper = undefined;
      await lost.end();
      return undefined;
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await starting;
      await helper?.end();
    },
  };
}

/** The command on the host; undefined where it does not answer. */
async function startHelper(host: Host, signal: AbortSignal) {
  const process = await startAlone(host, signal);
  const lines = new ProcessLines(process);
  const hello = await readAnswer(lines, signal);
  if (hello === undefined) {
    await endProcess(process);
    return undefined;
  }
  const pids = hello.flatMap((line) => (line.startsWith("own ") ? [Number(line.slice(4))] : []));
  return {
    own: pids.map((pid, place): OwnProcess => (place === 0 ? { pid, withChildren: true } : { pid })),
    /** undefined where it does not answer. */
    ask: (files: readonly string[], until: AbortSignal) => {
      process.stdin.write(`${files.join(" ")}\n`);
      return readAnswer(lines, until);
    },
    end: () => endProcess(process),
  };
}

/** The signal ends the start alone: to end what has started by it would take a session of its own. */
async function startAlone(host: Host, signal: AbortSignal): Promise<HostProcess> {
  const start = new AbortController();
  const giveUp = () => start.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await host.start(["sh", "-c", script], { signal: start.signal });
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** The lines up to "end"; undefined where they do not come, or not in time. */
async function readAnswer(lines: ProcessLines, signal: AbortSignal): Promise<string[] | undefined> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
  const answer: string[] = [];
  for (;;) {
    const line = await lines.next(soon);
    if (line === undefined) return undefined;
    if (line === "end") return answer;
    answer.push(line);
  }
}

/** Lines behind their files' paths, put together to the files again. */
function gather(lines: readonly string[]): RawSample {
  const files = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const path = line.slice(0, colon);
    files.set(path, `${files.get(path) ?? ""}${line.slice(colon + 1)}\n`);
  }
  return files;
}
