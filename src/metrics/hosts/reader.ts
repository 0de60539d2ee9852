import type { Host, HostProcess } from "../../contracts/hosts/host.ts";
import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import { endProcess } from "../../core/process/end.ts";
import { ProcessLines } from "../../core/process/lines.ts";
import { type MachineReader, processFiles } from "./machine-reader.ts";
import { machineFiles, parseSample, type RawSample } from "./sample.ts";

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
  grep -sHE "^cpu[0-9 ]|^MemAvailable|^some |: *[0-9]+ +[0-9]+ +[0-9]+|^[0-9]" "$@" $more
  echo end
done
`;

/** Looks at a host, over one command that stays there. Where it is lost, the next look starts another one. */
export function openHostReader(host: Host): MachineReader {
  const closing = new AbortController();
  let helper: Helper | undefined;
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

/** The command on the host. */
interface Helper {
  readonly own: readonly OwnProcess[];
  /** undefined where it does not answer. */
  readonly ask: (files: readonly string[], signal: AbortSignal) => Promise<readonly string[] | undefined>;
  readonly end: () => Promise<void>;
}

async function startHelper(host: Host, signal: AbortSignal): Promise<Helper | undefined> {
  const process = await startAlone(host, signal);
  const lines = new ProcessLines(process);
  const hello = await readAnswer(lines, signal);
  if (hello === undefined) {
    await endProcess(process);
    return undefined;
  }
  const pids = hello.flatMap((line) => (line.startsWith("own ") ? [Number(line.slice(4))] : []));
  return {
    own: pids.map((pid, place) => (place === 0 ? { pid, withChildren: true } : { pid })),
    ask: (files, until) => {
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
