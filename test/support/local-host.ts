import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import type { Host, HostProcess, LinkState } from "../../src/contracts/hosts/host.ts";
import { CommandError, signalGroup, startError } from "../../src/core/process/command.ts";

/** This machine as a host: real processes and files, with no connection that could be lost. */
export interface LocalHost extends Host {
  /** Says to those who listen that the connection is lost, or stands again; the processes that were started end. */
  readonly breakLink: (state: LinkState) => Promise<void>;
}

export interface LocalHostOptions {
  /** Words before every command, to run it as another user. Default: none. */
  readonly prefix?: readonly string[];
  readonly name?: string;
  /** The whole environment of every command. Default: this process's PATH alone. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Words before a command that root is to run. Default: none. */
  readonly sudo?: readonly string[];
}

export function openLocalHost(options: LocalHostOptions = {}): LocalHost {
  const env = options.env ?? { PATH: process.env.PATH };
  const listeners = new Set<(state: LinkState) => void>();
  const running = new Set<ChildProcess>();
  const launch = (argv: readonly string[], asRoot: boolean | undefined): ChildProcess => {
    const sudo = asRoot === true ? (options.sudo ?? []) : [];
    const [file = "", ...args] = [...(options.prefix ?? []), ...sudo, ...argv];
    const child = spawn(file, args, { env: { ...env }, detached: true });
    running.add(child);
    child.once("close", () => running.delete(child));
    child.stdin?.on("error", () => {});
    return child;
  };
  const kill = (child: ChildProcess, signal: NodeJS.Signals) =>
    child.pid !== undefined && signalGroup(child.pid, signal);

  const exec: Host["exec"] = async (argv, command) => {
    command.signal?.throwIfAborted();
    const child = launch(argv, command.asRoot);
    const gaveUp = AbortSignal.any([AbortSignal.timeout(command.timeoutMs), ...signals(command.signal)]);
    const end = () => kill(child, "SIGKILL");
    gaveUp.addEventListener("abort", end, { once: true });
    child.stdin?.end(command.input);
    const output = collect(child, command.onLine);
    const [exitCode] = await Promise.race([once(child, "close"), failure(child, argv)]);
    gaveUp.removeEventListener("abort", end);
    command.signal?.throwIfAborted();
    if (exitCode === 0 || (exitCode !== null && command.allowFailure === true)) {
      return { exitCode, ...output() };
    }
    const reason = gaveUp.aborted ? "timeout" : "exit";
    const facts = { argv, reason, exitCode: exitCode ?? undefined, stderrTail: output().stderr } as const;
    throw new CommandError(facts, gaveUp.aborted ? "did not end in time" : `failed with ${exitCode}`);
  };

  const start: Host["start"] = async (argv, command) => {
    const child = launch(argv, command.asRoot);
    await Promise.race([once(child, "spawn"), failure(child, argv)]);
    const end = () => kill(child, "SIGKILL");
    command.signal?.addEventListener("abort", end, { once: true });
    child.once("close", () => command.signal?.removeEventListener("abort", end));
    return openProcess(child, () => kill(child, "SIGTERM"));
  };

  return {
    name: options.name ?? "here",
    description: "this machine",
    timeoutMs: 30_000,
    exec,
    start,
    connectUnix: async (path) => connected(connect({ path })),
    connectTcp: async (endpoint) => connected(connect(endpoint)),
    connectCommand: async (argv, command) => {
      const { stdin, stdout } = await start(argv, command);
      return Duplex.from({ readable: stdout, writable: stdin });
    },
    onLink: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    breakLink: async (state) => {
      for (const listener of listeners) listener(state);
      if (state.state !== "lost") return;
      // What becomes of a connection's streams: the command's standard input ends, and here reading fails.
      for (const child of running) {
        child.stdin?.destroy();
        child.stdout?.destroy(new Error(state.reason));
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of running) kill(child, "SIGKILL");
    },
  };
}

function signals(signal: AbortSignal | undefined): AbortSignal[] {
  return signal === undefined ? [] : [signal];
}

async function failure(child: ChildProcess, argv: readonly string[]): Promise<never> {
  const [error] = await once(child, "error");
  throw startError(argv, undefined, error);
}

function collect(child: ChildProcess, onLine: ((line: string) => void) | undefined) {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    let rest = "";
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine?.(line);
    });
  }
  return () => texts;
}

function openProcess(child: ChildProcess, kill: () => void): HostProcess {
  if (child.stdin === null || child.stdout === null) throw new Error("no pipes");
  let stderrTail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderrTail = `${stderrTail}${text}`.slice(-2000);
  });
  const ended = new Promise<{ exitCode: number | null; stderrTail: string }>((resolve) => {
    child.once("close", (exitCode) => resolve({ exitCode, stderrTail }));
  });
  const stop = async () => {
    kill();
    await ended;
  };
  return { stdin: child.stdin, stdout: child.stdout, ended, stop, [Symbol.asyncDispose]: stop };
}

async function connected<T extends Duplex>(socket: T): Promise<T> {
  await once(socket, "connect");
  return socket;
}
