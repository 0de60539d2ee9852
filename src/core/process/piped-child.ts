import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { withinMs } from "../async.ts";
import { OutputTail, signalGroup, startError } from "./command.ts";

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

/** A program in a process group of its own that is spoken with over its standard input and output. */
export interface PipedChild {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when it has ended and its output has been read; never rejects. */
  readonly ended: Promise<PipedChildEnd>;
  /** Closes its input and waits; SIGKILL to its whole group after `graceMs`. Resolves when it has ended. */
  readonly stop: (options: { readonly graceMs: number }) => Promise<void>;
}

const stderrTailBytes = 4000;
/** A killed process can hang in the kernel; it is not waited for any longer. */
const killTimeoutMs = 5000;

/** @throws CommandError where it cannot be started */
export async function startPipedChild({ argv, env }: PipedChildOptions): Promise<PipedChild> {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { env: { ...env }, stdio: ["pipe", "pipe", "pipe"], detached: true });
  try {
    await once(child, "spawn");
  } catch (error) {
    throw startError(argv, undefined, error);
  }
  return supervise(child);
}

function supervise(child: ChildProcess): PipedChild {
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || stdin === null || stdout === null || stderr === null) {
    throw new Error("A program that was started has an id and three pipes.");
  }
  const said = new OutputTail(stderrTailBytes);
  stderr.on("data", (chunk: Buffer) => said.push(chunk));
  child.on("error", () => {});
  stdin.on("error", () => {});
  let hasEnded = false;
  const ended = new Promise<PipedChildEnd>((resolve) => {
    child.once("exit", () => {
      hasEnded = true;
    });
    child.once("close", (exitCode, signal) => {
      resolve({ exitCode, signal, stderrTail: said.text() });
    });
  });
  const stop = async ({ graceMs }: { readonly graceMs: number }) => {
    stdin.end();
    if ((await withinMs(graceMs, ended)) !== undefined) return;
    if (!hasEnded) signalGroup(pid, "SIGKILL");
    await withinMs(killTimeoutMs, ended);
  };
  return { pid, stdin, stdout, ended, stop };
}
