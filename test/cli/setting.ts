import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { until } from "../../src/core/async.ts";
import { expectWhole, findProcesses, listAll, sendSignal } from "./machine.ts";

const bin = fileURLToPath(new URL("../../bin", import.meta.url));

/** How a binary ended, and all that it said. */
export interface Ending {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A started binary. */
export interface Command {
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it said so far. */
  readonly seen: { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<Ending>;
  /**
   * Resolves once standard error holds such a line; fails where the binary ends without it.
   *
   * @param withinMs default: half a minute
   */
  readonly says: (line: string | RegExp, withinMs?: number) => Promise<void>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Limit on open files, of the binary and of all that it starts. */
  readonly openFiles?: number;
  /** A command that goes on for longer is ended: then its code is null. Default: a minute and a half. */
  readonly longestMs?: number;
}

/** A user's machine for one test: home, state and results of its own. */
export interface Setting extends AsyncDisposable {
  /** The current folder of every command; results go to its benchmarks/. */
  readonly home: string;
  readonly stateDir: string;
  /** The environment of every command, unless told otherwise. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly start: (binary: string, args: readonly string[], options?: StartOptions) => Command;
  /** Pids of the nodes that a run has started, by name. */
  readonly nodes: () => Promise<Map<string, number>>;
  /** Path of the one bundle. */
  readonly bundle: () => Promise<string>;
  /** Fails where a process, a lock or a run's folder is left, or a file of a bundle is not whole. */
  readonly expectNothingLeft: () => Promise<void>;
}

/** Where no Docker engine is, so that one of this machine, which others may use, is not looked at. */
export const noEngine = "unix:///nowhere/docker.sock";

/** Opens a setting; disposing of it ends what a failed test left. */
export async function openSetting(): Promise<Setting> {
  const home = await mkdtemp(join(tmpdir(), "baleen-cli-"));
  const stateDir = join(home, "state", "baleen");
  const running = new Set<ChildProcess>();
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_STATE_HOME: join(home, "state"),
    BALEEN_RUNTIME: "process",
    DOCKER_HOST: noEngine,
  };
  return {
    home,
    stateDir,
    env,
    start: (binary, args, options = {}) => {
      const all = { ...options, env: { ...env, ...options.env } };
      const command = start([join(bin, `${binary}.js`), ...args], home, all);
      running.add(command.child);
      void command.ended.then(() => running.delete(command.child));
      return command;
    },
    nodes: () => readNodes(join(stateDir, "runs")),
    bundle: async () => {
      const names = await readdir(join(home, "benchmarks"));
      expect(names).toHaveLength(1);
      return join(home, "benchmarks", String(names[0]));
    },
    expectNothingLeft: async () => {
      expect(await findProcesses(home)).toEqual([]);
      // The key with which bundles are marked stays.
      const own = ["runs", "bundle-key"];
      expect((await listAll(stateDir)).filter((path) => !own.includes(path))).toEqual([]);
      await expectWhole(join(home, "benchmarks"));
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of running) child.kill("SIGKILL");
      for (const { pid } of await findProcesses(home)) sendSignal(pid, "SIGKILL");
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function start(argv: readonly string[], home: string, options: StartOptions): Command {
  const { env, openFiles, longestMs = 90_000 } = options;
  const limited = ["-c", 'ulimit -n "$1" && shift && exec "$@"', "sh", String(openFiles), process.execPath];
  const [file, args] = openFiles === undefined ? [process.execPath, argv] : ["sh", [...limited, ...argv]];
  const child = spawn(file, args, {
    cwd: home,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid === undefined) throw new Error(`${file} cannot be started.`);
  const seen = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    seen.stderr += text;
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), longestMs);
  const ended = once(child, "close").then(([code]) => {
    clearTimeout(limit);
    return { code: code as number | null, ...seen };
  });
  const says = async (line: string | RegExp, withinMs = 90_000) => {
    const said = () =>
      seen.stderr.split("\n").some((one) => (typeof line === "string" ? one === line : line.test(one)));
    const silent = () => `never said ${String(line)}:\n${seen.stderr}`;
    await until(() => (said() || child.exitCode !== null || child.signalCode !== null ? true : undefined), {
      timeoutMs: withinMs,
      everyMs: 5,
      describe: silent,
    });
    expect(said(), silent()).toBe(true);
  };
  return { pid: child.pid, child, seen, ended, says };
}

/** From what the runs note of the nodes that they start: <run>/<node>.pid. */
async function readNodes(runs: string): Promise<Map<string, number>> {
  const nodes = new Map<string, number>();
  for (const path of await listAll(runs)) {
    const name = /^[^/]+\/(\w+)\.pid$/.exec(path)?.[1];
    if (name === undefined) continue;
    const text = await readFile(join(runs, path), "utf8").catch(() => "");
    if (text !== "") nodes.set(name, (JSON.parse(text) as { pid: number }).pid);
  }
  return nodes;
}
