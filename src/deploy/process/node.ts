import { join } from "node:path";
import type { NetworkNode, NodeExit, PlannedNode } from "../../contracts/deployment.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { type LogReader, readLogTail } from "../nodes/log-file.ts";
import { type Child, startChild } from "./child.ts";
import { logFileOf, pidFileOf, recordProcess } from "./folder.ts";

export interface ProcessNodeOptions {
  readonly node: PlannedNode;
  readonly argv: readonly string[];
  readonly env: Environment;
  /** Folder of the run; the node's home is the folder of its name in there. */
  readonly folder: string;
  readonly onUnexpectedExit: (exit: NodeExit) => void;
  /** Is told of each of its processes as soon as it runs. */
  readonly onStart?: ((pid: number) => Promise<void>) | undefined;
}

export interface ProcessNode extends NetworkNode {
  readonly pid: () => number | undefined;
  /** Reads its log piece by piece; undefined before its first start. */
  readonly openLog: () => LogReader | undefined;
  /** Ends it for good: it cannot be started again. */
  readonly retire: (options: { graceMs: number }) => Promise<void>;
}

export function createProcessNode(options: ProcessNodeOptions): ProcessNode {
  const { node, folder, argv, env } = options;
  const logFile = logFileOf(folder, node.name);
  let child: Child | undefined;
  let retired = false;
  /** Children whose end was asked for. */
  const asked = new WeakSet<Child>();

  const launch = async () => {
    if (retired) throw new InvalidArgumentError(`${node.name} cannot be started: its network was stopped.`);
    if (child !== undefined && child.exit() === undefined) return;
    const started = await startChild({ argv, env, cwd: join(folder, node.name), logFile });
    child = started;
    void started.exited.then((exit) => {
      if (!asked.has(started)) options.onUnexpectedExit({ node: node.name, ...exit });
    });
    await options.onStart?.(started.pid);
    await recordProcess(pidFileOf(folder, node.name), started.pid);
  };
  const end = async (how: (running: Child) => Promise<void>) => {
    if (child === undefined || child.exit() !== undefined) return;
    asked.add(child);
    await how(child);
  };

  // One after the other, so that a stop that meets a start under way ends what that starts.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (action: () => Promise<void>): Promise<void> => {
    const turn = last.then(action);
    last = turn.catch(() => {});
    return turn;
  };
  return {
    ...node,
    pid: () => (child?.exit() === undefined ? child?.pid : undefined),
    status: async () => {
      if (child === undefined) return { state: "missing" };
      const exit = child.exit();
      if (exit === undefined) return { state: child.paused() ? "paused" : "running" };
      return { state: "exited", exitCode: exit.exitCode ?? undefined, signal: exit.signal ?? undefined };
    },
    logs: ({ tailLines }) => child?.tail(tailLines) ?? readLogTail(logFile, tailLines),
    openLog: () => child?.openLog(),
    stats: async () => {
      const usage = await child?.usage();
      if (usage === undefined) return undefined;
      const { cpuSecs, memoryBytes, threads, openFiles } = usage;
      return { cpuSecs, memoryBytes, threads, openFiles };
    },
    kill: () => inTurn(() => end((running) => running.kill())),
    stop: (how) => inTurn(() => end((running) => running.stop(how))),
    start: () => inTurn(launch),
    pause: async () => child?.pause(),
    resume: async () => child?.resume(),
    retire: (how) =>
      inTurn(async () => {
        retired = true;
        await end((running) => running.stop(how));
      }),
  };
}
