/** What ends foreign programs with this process: they know nothing of it, so somebody else has to. */
import { platform } from "node:os";
import { fileURLToPath } from "node:url";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import { type Diagnostic, describeError } from "../../core/errors.ts";
import { runCommand } from "../../core/process/command.ts";
import { type PipedChildOptions, startPipedChild } from "../../core/process/piped-child.ts";
import { readProcess } from "../../core/process/processes.ts";
import { listForeignPrograms, outlivesParent } from "../nodes/foreign-programs.ts";
import type { NotedProcess } from "./folder.ts";

/** The kernel of Linux, or a process of ours beside them. */
export type LifeLineKind = "kernel" | "keeper";

export interface LifeLine extends AsyncDisposable {
  /** How a program is started, given its own argv. */
  readonly argvOf: (argv: readonly string[]) => readonly string[];
  /** Is told of each program that was started. */
  readonly guard: (pid: number) => Promise<void>;
}

/**
 * What serves for the foreign programs of a plan on this machine. The kernel ends one process, not what that has
 * started, so that it does not serve for scripts.
 */
export async function chooseLifeLine(plan: Pick<DeploymentPlan, "groups">): Promise<LifeLineKind> {
  const programs = listForeignPrograms(plan);
  // Where there are none, the kernel's line costs nothing.
  if (platform() !== "linux" && programs.length > 0) return "keeper";
  const outliving = await Promise.all(programs.map(({ path }) => path !== undefined && outlivesParent(path)));
  return outliving.includes(true) ? "keeper" : "kernel";
}

const defaultSetpriv = "/usr/bin/setpriv";

/** With the kernel's, setpriv asks for a signal at the end of its parent, and becomes the program. @throws CommandError */
export async function openLifeLine(kind: LifeLineKind, options: KeeperOptions): Promise<LifeLine> {
  if (kind === "keeper") return { ...(await startKeeper(options)), argvOf: (argv) => argv };
  return {
    argvOf: (argv) => [defaultSetpriv, "--pdeathsig", "KILL", ...argv],
    guard: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

interface KeeperOptions extends Pick<PipedChildOptions, "env"> {
  /** Absolute path of the Node.js that it runs on. */
  readonly nodeBinary: string;
}

/** Disposing of a keeper ends what it watches, too. */
const graceMs = 2000;

/**
 * Starts a process beside this one that outlives it for a moment: when this one is gone, however it ended, the groups
 * that were to be guarded, each named by the process that leads it, are ended by SIGKILL.
 *
 * @throws CommandError where it cannot be started
 */
export async function startKeeper({ nodeBinary, env }: KeeperOptions) {
  // The same file as this one's neighbour, whether it is compiled or not.
  const name = import.meta.url.endsWith(".ts") ? "./keeper/main.ts" : "./keeper/main.js";
  const entry = fileURLToPath(new URL(name, import.meta.url));
  const child = await startPipedChild({ argv: [nodeBinary, entry], env });
  child.stdout.resume();
  return {
    pid: child.pid,
    guard: async (pid: number): Promise<void> => {
      const start = (await readProcess(pid))?.start;
      // One that has ended already needs no keeper.
      if (start === undefined) return;
      child.stdin.write(`${JSON.stringify({ pid, start } satisfies NotedProcess)}\n`);
    },
    [Symbol.asyncDispose]: () => child.stop({ graceMs }),
  };
}

/** What keeps a life line from holding. */
export async function checkLifeLine(
  kind: LifeLineKind,
  setpriv = defaultSetpriv,
): Promise<Diagnostic | undefined> {
  if (kind === "keeper") return undefined;
  try {
    await runCommand([setpriv, "--pdeathsig", "KILL", setpriv, "--version"], { timeoutMs: 10_000 });
    return undefined;
  } catch (error) {
    const message =
      `Cannot run ${setpriv} --pdeathsig, which ensures that foreign programs end with this command: ` +
      `${describeError(error)}. Install util-linux 2.33 or later.`;
    return { code: "setpriv-missing", message };
  }
}
