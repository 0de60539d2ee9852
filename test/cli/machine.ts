import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";

export interface RunningProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** Processes (zombies aside) whose command line holds this text: a setting's home stands in those of its nodes. */
export async function findProcesses(text: string): Promise<RunningProcess[]> {
  const all = platform() === "linux" ? await readFromProc() : await readFromPs();
  return all.filter(({ pid, commandLine }) => pid !== process.pid && commandLine.includes(text));
}

async function readFromProc(): Promise<RunningProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return await Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      commandLine: (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "),
    })),
  );
}

async function readFromPs(): Promise<RunningProcess[]> {
  const { stdout } = await promisify(execFile)("/bin/ps", ["-axww", "-o", "pid=,command="]);
  return stdout.split("\n").map((line) => {
    const [, pid, commandLine = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(pid), commandLine };
  });
}

/** The process that this one has started and whose command line holds this text. */
export async function findChild(parent: number, text: string): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-o", "pid=,ppid=,command="]);
  const lines = stdout.split("\n").map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []);
  const found = lines.find(([, , ppid, command = ""]) => Number(ppid) === parent && command.includes(text));
  if (found === undefined) throw new Error(`Process ${parent} has no child with "${text}".`);
  return Number(found[1]);
}

/** Sends a signal to a process; nothing where it has ended. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Paths of everything below a folder, relative to it; none where it is not there. */
export async function listAll(folder: string): Promise<string[]> {
  return await readdir(folder, { recursive: true }).catch(() => []);
}

/** Every JSON file parses, every file that grew ends with a whole line, and no temporary file is left. */
export async function expectWhole(folder: string): Promise<void> {
  const names = await listAll(folder);
  expect(names.filter((name) => /\.tmp$|\.baleen-check-/.test(name))).toEqual([]);
  for (const name of names) {
    const growing = /\.(ndjson|csv)$/.test(name);
    if (!growing && !name.endsWith(".json")) continue;
    const text = await readFile(join(folder, name), "utf8");
    expect(text.endsWith("\n"), `${name} ends with a whole line`).toBe(true);
    const documents = name.endsWith(".ndjson") ? text.trimEnd().split("\n") : [text];
    if (name.endsWith(".csv")) continue;
    for (const document of documents) expect(() => JSON.parse(document), name).not.toThrow();
  }
}
