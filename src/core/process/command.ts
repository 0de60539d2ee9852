import { type ChildProcess, spawn } from "node:child_process";
import { addAbortListener, once } from "node:events";
import { existsSync } from "node:fs";
import { kill } from "node:process";
import { BaleenError, describeError, systemCode } from "../errors.ts";
import { quoteArgv } from "../text/quote.ts";
import { isTraced, stopwatch, trace, traceWork } from "../trace.ts";
import { OutputTail } from "./output-tail.ts";

export type CommandFailure =
  | "not-found"
  | "not-startable"
  | "too-many-open-files"
  | "timeout"
  | "output-limit"
  | "exit";

export interface CommandFacts {
  readonly argv: readonly string[];
  readonly reason: CommandFailure;
  /** Set where it ended by itself. */
  readonly exitCode?: number | undefined;
  /** Set where a signal ended it. */
  readonly signal?: string | undefined;
  /** Last part of what it wrote to standard error. */
  readonly stderrTail: string;
}

/** A command that could not be started, took too long, wrote too much, or ended with a failure. */
export class CommandError extends BaleenError {
  readonly argv: readonly string[];
  readonly reason: CommandFailure;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stderrTail: string;

  constructor(facts: CommandFacts, why: string, options?: { cause?: unknown }) {
    const said = facts.stderrTail.trim();
    super("command", `${nameCommand(facts.argv)} ${why}${said === "" ? "" : `: ${said}`}`, options);
    this.argv = facts.argv;
    this.reason = facts.reason;
    this.exitCode = facts.exitCode;
    this.signal = facts.signal;
    this.stderrTail = facts.stderrTail;
  }
}

export interface CommandOptions {
  /** The whole environment of the command; nothing is added to it. Default: empty, so argv[0] is a path. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd?: string | undefined;
  /** Standard input; default: none. */
  readonly input?: string | Uint8Array | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Standard output beyond this is a failure; of standard error the last so many are kept. Default 16 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Resolve instead of throw when it ends with an exit code other than 0. */
  readonly allowFailure?: boolean | undefined;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const stderrTailCharacters = 2000;
/** Between SIGTERM and SIGKILL of a command that was given up. */
const graceMs = 2000;

/**
 * Runs a command to its end, without a shell, in a process group of its own, so that a Ctrl-C reaches it only through
 * `signal`.
 * @throws CommandError as its `reason` says; the signal's reason on abort, once the whole group was ended
 */
export function runCommand(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return traceCommand({ argv }, () => runHere(argv, options));
}

/** After this, a command is reported before its end. */
const longMs = 2000;

/** Runs a command, here or elsewhere, and reports how it ended to those who listen. */
export async function traceCommand(
  of: { readonly argv: readonly string[]; readonly host?: string; readonly asRoot?: boolean | undefined },
  run: () => Promise<CommandResult>,
): Promise<CommandResult> {
  if (!isTraced()) return run();
  const elapsedMs = stopwatch();
  const timer = setTimeout(() => {
    trace(() => ({ kind: "command", ...of, state: "running", ms: elapsedMs() }));
  }, longMs).unref();
  const ended = traceWork(run, ({ ms, ...outcome }) => {
    const { exitCode, said } = "result" in outcome ? endOf(outcome.result) : failureOf(outcome.error);
    const failure = exitCode === 0 || said === "" ? undefined : said;
    return { kind: "command", ...of, state: "ended", ms, exitCode, failure };
  });
  return ended.finally(() => clearTimeout(timer));
}

const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";
const endOf = ({ exitCode, stderr }: CommandResult) => ({ exitCode, said: lastLine(stderr) });

function failureOf(error: unknown): { readonly exitCode?: number | undefined; readonly said: string } {
  const { exitCode, stderrTail } = error instanceof CommandError ? error : {};
  if (exitCode !== undefined && stderrTail !== undefined) return { exitCode, said: lastLine(stderrTail) };
  return { said: describeError(error) };
}

async function runHere(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const child = spawnCommand(argv, options);
  const ending = once(child, "close") as Promise<[exitCode: number | null, signal: NodeJS.Signals | null]>;
  using bounds = boundCommand(argv, options);
  child.stdout?.on("data", bounds.takeStdout);
  child.stderr?.on("data", bounds.takeStderr);
  using _ending = addAbortListener(bounds.signal, () => end(child));
  const [exitCode, signal] = await ending.catch((error: unknown) => {
    throw startError(argv, options.cwd, error);
  });
  bounds.signal.throwIfAborted();
  return bounds.conclude({ exitCode: exitCode ?? undefined, signal: signal ?? undefined });
}

type CommandEnd = Pick<CommandFacts, "exitCode" | "signal">;

/** What bounds a command that runs to its end, here or elsewhere: its time, its output, and whoever aborts it. */
export function boundCommand(
  argv: readonly string[],
  options: Pick<CommandOptions, "timeoutMs" | "signal" | "maxOutputBytes" | "allowFailure"> & {
    /** Standard error beyond this is a failure too. */
    readonly maxErrorBytes?: number | undefined;
    /** The same of pieces of both outputs: where each is a packet, a single byte costs as much as thousands. */
    readonly maxPieces?: number | undefined;
  },
  makeError = (facts: CommandFacts, why: string) => new CommandError(facts, why),
) {
  const { timeoutMs, maxOutputBytes: limitBytes = 16 * 1024 * 1024, maxErrorBytes, maxPieces } = options;
  const stdout = new OutputTail(limitBytes);
  const stderr = new OutputTail(maxErrorBytes ?? limitBytes);
  const fail = (reason: CommandFailure, why: string, end?: CommandEnd) =>
    makeError({ argv, reason, ...end, stderrTail: stderr.text().slice(-stderrTailCharacters) }, why);
  const gaveUp = new AbortController();
  const timer = setTimeout(() => {
    gaveUp.abort(fail("timeout", `did not end within ${timeoutMs / 1000} s`));
  }, timeoutMs);
  let pieces = 0;
  const countPiece = (): void => {
    pieces++;
    if (maxPieces === undefined || pieces <= maxPieces) return;
    gaveUp.abort(fail("output-limit", `wrote its output in more than ${maxPieces} pieces`));
  };
  return {
    /** Aborts when the command is to be ended, with the reason. */
    signal: AbortSignal.any([gaveUp.signal, ...(options.signal === undefined ? [] : [options.signal])]),
    takeStdout: (chunk: Buffer): void => {
      if (gaveUp.signal.aborted) return;
      stdout.push(chunk);
      countPiece();
      if (!stdout.overflowed) return;
      gaveUp.abort(fail("output-limit", `wrote more than ${limitBytes} bytes of output`));
    },
    takeStderr: (chunk: Buffer): void => {
      if (gaveUp.signal.aborted) return;
      stderr.push(chunk);
      countPiece();
      if (!stderr.overflowed || maxErrorBytes === undefined) return;
      gaveUp.abort(fail("output-limit", `wrote more than ${maxErrorBytes} bytes of errors`));
    },
    /** What the command came to. @throws CommandError where it failed, or a signal ended it */
    conclude: ({ exitCode, signal }: CommandEnd): CommandResult => {
      if (exitCode === undefined) throw fail("exit", `was ended by ${signal}`, { signal });
      if (exitCode !== 0 && options.allowFailure !== true) {
        throw fail("exit", `failed with exit code ${exitCode}`, { exitCode });
      }
      return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

function end(child: ChildProcess): void {
  const pid = child.pid;
  if (pid === undefined) return;
  signalGroup(pid, "SIGTERM");
  const timer = setTimeout(() => {
    signalGroup(pid, "SIGKILL");
    // A process that left the group may hold these open for ever; what it says is of no use any more.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, graceMs);
  child.once("close", () => clearTimeout(timer));
}

/** Signals the group that `pid` leads. @returns false where there is none any more */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return kill(-pid, signal);
  } catch (error) {
    // EPERM: on macOS, a group of zombies.
    if (systemCode(error) === "ESRCH" || systemCode(error) === "EPERM") return false;
    throw error;
  }
}

/** What a failed start means, in plain words. */
export function startError(argv: readonly string[], cwd: string | undefined, cause: unknown): CommandError {
  const failure = (reason: CommandFailure, why: string, place = "") =>
    new CommandError({ argv, reason, stderrTail: "" }, `cannot be started${place}: ${why}`, { cause });
  switch (systemCode(cause)) {
    case "ENOENT":
      return cwd !== undefined && !existsSync(cwd)
        ? failure("not-startable", "no such folder", ` in ${cwd}`)
        : failure("not-found", `${argv[0]} not found`);
    case "EACCES":
      return failure("not-startable", `no permission to execute ${argv[0]}`);
    case "EMFILE":
    case "ENFILE":
      return failure("too-many-open-files", "too many open files. Raise the limit (ulimit -n)");
    case "EAGAIN":
      return failure("not-startable", "too many processes. Raise the limit (ulimit -u)");
    default:
      return failure("not-startable", cause instanceof Error ? cause.message : String(cause));
  }
}

/** An argv for people to read (and to paste): quoted where a shell would need it. */
export function formatArgv(argv: readonly string[]): string {
  return quoteArgv(argv.map((word) => word.replaceAll("\0", "\\0")));
}

const longestShownWord = 200;

/** For messages: as a shell would take it, but for long words and scripts. */
export function nameCommand(argv: readonly string[]): string {
  const shown = argv.map((word) =>
    word.length > longestShownWord || word.includes("\n") ? "…" : formatArgv([word]),
  );
  return shown.join(" ");
}

function spawnCommand(argv: readonly string[], options: CommandOptions): ChildProcess {
  const [file, ...args] = argv;
  try {
    const child = spawn(file ?? "", args, {
      env: { ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
    });
    // It may end without reading its input: its exit code tells, not EPIPE.
    child.stdin?.on("error", () => {});
    if (options.input !== undefined) child.stdin?.end(options.input);
    return child;
  } catch (error) {
    throw startError(argv, options.cwd, error);
  }
}
