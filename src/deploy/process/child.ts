import type { NodeExit } from "../../contracts/deployment.ts";
import { withinMs } from "../../core/async.ts";
import { TimeoutError } from "../../core/errors.ts";
import { signalGroup } from "../../core/process/command.ts";
import { readGroup } from "../../core/process/groups.ts";
import { type PipedChildOptions, type SpawnedProcess, spawnPiped } from "../../core/process/piped-child.ts";
import { type LogFile, type LogReader, openLogFile, openLogReader, readLogTail } from "../nodes/log-file.ts";

export interface ChildOptions extends PipedChildOptions {
  readonly cwd: string;
  /** Takes standard output and standard error, behind what it holds already. */
  readonly logFile: string;
  /** Space on disk for the log; what is older is dropped. Default 16 MiB. */
  readonly logLimitBytes?: number;
}

export type ChildExit = Omit<NodeExit, "node">;

/**
 * A running (or ended) program in a process group of its own. Its standard input is a pipe that nothing is ever
 * written to: the life line, which the system closes when this process ends, however it ends.
 */
export type Child = ReturnType<typeof superviseChild>;

const defaultLogLimitBytes = 16 * 1024 * 1024;
/** A killed process can hang in the kernel (a dead network disk); do not wait for it for ever. */
const killTimeoutMs = 5000;
/** How long what a child leaves behind may keep its output open. */
const drainTimeoutMs = 1000;

/** Starts a program. @throws CommandError where it cannot be started */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = await openLogFile(options.logFile, options.logLimitBytes ?? defaultLogLimitBytes);
  try {
    return superviseChild(await spawnPiped(options), options.logFile, log);
  } catch (error) {
    await log[Symbol.asyncDispose]();
    throw error;
  }
}

function superviseChild(child: SpawnedProcess, logFile: string, log: LogFile) {
  let exit: ChildExit | undefined;
  let paused = false;
  const drained = drain(child, log);
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("exit", (exitCode, signal) => {
      exit = { exitCode, signal };
      resolve(exit);
    });
  });
  const send = (signal: NodeJS.Signals) => exit === undefined && signalGroup(child.pid, signal);
  const kill = async () => {
    send("SIGKILL");
    if ((await withinMs(killTimeoutMs, exited)) === undefined) {
      throw new TimeoutError(`Process ${child.pid} does not end, even after SIGKILL.`, killTimeoutMs);
    }
  };
  const stop = async ({ graceMs }: { graceMs: number }) => {
    send("SIGTERM");
    send("SIGCONT");
    if ((await withinMs(graceMs, exited)) === undefined) await kill();
  };
  return {
    pid: child.pid,
    /** Resolves when it has ended; never rejects. */
    exited,
    /** undefined while it lives. */
    exit: () => exit,
    paused: () => paused && exit === undefined,
    /** The last `lines` lines of its log, complete once it has ended. */
    tail: async (lines: number): Promise<string> => {
      if (exit !== undefined) await drained;
      const lost = log.lost();
      const tail = await readLogTail(logFile, lines);
      return lost === undefined ? tail : `${tail}\n[output from here on was lost: ${lost}]`;
    },
    /** Reads its log from its beginning on, piece by piece; complete once it has ended. */
    openLog: (): LogReader => {
      const read = openLogReader(logFile);
      return async () => {
        if (exit !== undefined) await drained;
        return await read();
      };
    },
    /** undefined once it has ended. */
    usage: async () => {
      if (exit !== undefined) return undefined;
      return await readGroup(child.pid);
    },
    /** SIGTERM, then SIGKILL after `graceMs`, also where it is paused. @throws TimeoutError where even that ends nothing */
    stop,
    /** SIGKILL at once. @throws TimeoutError as stop() */
    kill,
    pause: () => {
      paused = send("SIGSTOP");
    },
    resume: () => {
      send("SIGCONT");
      paused = false;
    },
  };
}

/** Writes both outputs to the log as they come, with back pressure, and closes it. Resolves at their end. */
async function drain(child: SpawnedProcess, log: LogFile): Promise<void> {
  const outputs = [child.stdout, child.stderr];
  // Only the child itself is waited for: what it started may hold its output open for ever.
  let timer: NodeJS.Timeout | undefined;
  child.once("exit", () => {
    timer = setTimeout(() => {
      for (const stream of outputs) stream.destroy();
    }, drainTimeoutMs).unref();
  });
  await Promise.all(
    outputs.map(async (stream) => {
      try {
        for await (const chunk of stream) await log.append(chunk as Buffer);
      } catch {
        // Destroyed above, or broken: either way there is no more of it.
      }
    }),
  );
  clearTimeout(timer);
  await log[Symbol.asyncDispose]();
}
