import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { withinMs } from "../async.ts";
import { traceStarted } from "../trace.ts";
import { signalGroup, startError } from "./command.ts";
import { OutputTail } from "./output-tail.ts";

export interface PipedChildOptions {
  /** Program and arguments; the program should end when its standard input does. */
  readonly argv: readonly string[];
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface PipedChildEnd {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Last part of what it wrote to standard error. */
  readonly stderrTail: string;
}

const stderrTailBytes = 4000;
/** A killed process can hang in the kernel; it is not waited for any longer. */
const killTimeoutMs = 5000;

/** A process that leads a group of its own, its streams pipes; what fails on them later is for their readers. */
export type SpawnedProcess = ChildProcessWithoutNullStreams & { readonly pid: number };

/** @throws CommandError where it cannot be started */
export async function spawnPiped({
  argv,
  env,
  cwd,
}: PipedChildOptions & { readonly cwd?: string }): Promise<SpawnedProcess> {
  const [file = "", ...args] = argv;
  try {
    const child = spawn(file, args, { cwd, env: { ...env }, detached: true });
    await once(child, "spawn");
    child.on("error", () => {});
    child.stdin.on("error", () => {});
    traceStarted({ argv }, new Promise((resolve) => child.once("exit", (exitCode) => resolve({ exitCode }))));
    return child as SpawnedProcess;
  } catch (error) {
    throw startError(argv, cwd, error);
  }
}

/**
 * Starts a program in a process group of its own that is spoken with over its standard input and output.
 *
 * @throws CommandError where it cannot be started
 */
export async function startPipedChild(options: PipedChildOptions) {
  const child = await spawnPiped(options);
  const { pid, stdin, stdout, stderr } = child;
  const said = new OutputTail(stderrTailBytes);
  stderr.on("data", (chunk: Buffer) => said.push(chunk));
  let hasEnded = false;
  /** Resolves when it has ended and its output has been read; never rejects. */
  const ended = new Promise<PipedChildEnd>((resolve) => {
    child.once("exit", () => {
      hasEnded = true;
    });
    child.once("close", (exitCode, signal) => {
      resolve({ exitCode, signal, stderrTail: said.text() });
    });
  });
  /** Closes its input and waits; SIGKILL to its whole group after `graceMs`. Resolves when it has ended. */
  const stop = async ({ graceMs }: { readonly graceMs: number }) => {
    stdin.end();
    if ((await withinMs(graceMs, ended)) !== undefined) return;
    if (!hasEnded) signalGroup(pid, "SIGKILL");
    await withinMs(killTimeoutMs, ended);
  };
  return { pid, stdin, stdout, ended, stop };
}
