/** Processes of a host: commands that set it up, daemons of the network under test, and programs that send and receive. */
import { execFile, spawn } from "node:child_process";
import { execPath } from "node:process";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { promisify } from "node:util";

type Log = (message: string, facts?: Readonly<Record<string, unknown>>) => void;
type Argv = readonly [string, ...string[]];

const commandTimeoutMs = 10_000;
const graceMs = 2000;
const mostOutputBytes = 4 * 1024 * 1024;
/** Of a line of a daemon's output, in the log. */
const longestLogged = 1000;
/** Of a line that is read at all, characters; the rest of a longer one is passed over. */
const longestLine = 64 * 1024;

const execute = promisify(execFile);

/** Descriptions call the Node.js that runs the host "node", wherever it is. */
const pathOf = (program: string) => (program === "node" ? execPath : program);

/** @returns its standard output @throws Error with what it said where it fails */
export async function runCommand([program, ...args]: Argv): Promise<string> {
  try {
    const options = { timeout: commandTimeoutMs, maxBuffer: mostOutputBytes };
    return (await execute(pathOf(program), args, options)).stdout;
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
  /** A line to its standard input; nothing where that is closed. */
  readonly write: (line: string) => void;
  /** Ends it by SIGKILL, and does not wait. */
  readonly kill: () => void;
}

export interface ChildOptions {
  readonly log: Log;
  /** Takes each line of its standard output first. @returns false for what belongs into the log */
  readonly onLine?: ((line: string) => boolean) | undefined;
  /** Keeps its standard input open, to be written to. */
  readonly hasInput?: boolean | undefined;
}

/** Starts a process whose output goes to the log. Disposing ends it: SIGTERM, then SIGKILL. */
export function startChild(
  name: string,
  [program, ...args]: Argv,
  { log, onLine = () => false, hasInput = false }: ChildOptions,
): Child {
  const child = spawn(pathOf(program), args, { stdio: [hasInput ? "pipe" : "ignore", "pipe", "pipe"] });
  const toLog = (line: string) => log(`${name}: ${line.slice(0, longestLogged)}`);
  if (child.stdout !== null) eachLine(child.stdout, (line) => onLine(line) || toLog(line));
  if (child.stderr !== null) eachLine(child.stderr, toLog);
  child.stdin?.on("error", () => {}); // it no longer reads; if it has ended, `ended` says so
  let isOver = false;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).finally(() => {
    isOver = true;
  });
  return {
    ended,
    write: (line) => {
      if (child.stdin?.writable === true) child.stdin.write(`${line}\n`);
    },
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

/** Calls `take` with each line, of a very long one with its beginning. */
function eachLine(stream: Readable, take: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("error", () => {}); // the end of the process says why
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = (lines.pop() ?? "").slice(0, longestLine);
    for (const line of lines) take(line);
  });
  stream.on("end", () => rest !== "" && take(rest));
}
