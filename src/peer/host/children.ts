/** Processes of a host: commands that set it up, and daemons of the network under test. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

type Log = (message: string, facts?: Readonly<Record<string, unknown>>) => void;
type Argv = readonly [string, ...string[]];

const commandTimeoutMs = 10_000;
const graceMs = 2000;
const mostOutputBytes = 4 * 1024 * 1024;
/** Of a line of a daemon's output. */
const longestLine = 1000;

const execute = promisify(execFile);

/** @returns its standard output @throws Error with what it said where it fails */
export async function runCommand([program, ...args]: Argv): Promise<string> {
  try {
    const options = { timeout: commandTimeoutMs, maxBuffer: mostOutputBytes };
    return (await execute(program, args, options)).stdout;
  } catch (error) {
    const { stderr = "", message } = error as Error & { readonly stderr?: string };
    throw new Error(`${[program, ...args].join(" ")} failed: ${stderr.trim() || message}`, { cause: error });
  }
}

/** The same for one that takes so many seconds; ended by the signal. What it prints counts, however it ends. */
export async function runProgram(
  [program, ...args]: Argv,
  { secs, signal }: { readonly secs: number; readonly signal: AbortSignal },
): Promise<string> {
  const options = { timeout: secs * 1000 + commandTimeoutMs, maxBuffer: 16 * mostOutputBytes, signal };
  try {
    return (await execute(program, args, options)).stdout;
  } catch (error) {
    const { stdout = "" } = error as { readonly stdout?: string };
    if (stdout !== "") return stdout;
    throw error;
  }
}

export interface Child extends AsyncDisposable {
  /** Why it ended. Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it by SIGKILL, and does not wait. */
  readonly kill: () => void;
}

/** Starts a process whose output goes to the log. Disposing ends it: SIGTERM, then SIGKILL. */
export function startChild(name: string, [program, ...args]: Argv, log: Log): Child {
  const child: ChildProcess = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    const lines = createInterface({ input: stream });
    lines.on("error", () => {}); // the end of the process says why
    lines.on("line", (line) => log(`${name}: ${line.slice(0, longestLine)}`));
  }
  let isOver = false;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).finally(() => {
    isOver = true;
  });
  return {
    ended,
    kill: () => child.kill("SIGKILL"),
    [Symbol.asyncDispose]: async () => {
      if (isOver) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
