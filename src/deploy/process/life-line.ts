/** What ends foreign programs with this process: they know nothing of it, so somebody else has to. */
import { platform } from "node:os";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import { type Diagnostic, describeError } from "../../core/errors.ts";
import { runCommand } from "../../core/process/command.ts";
import { outlivesParent } from "../nodes/executable.ts";
import { listForeignPrograms } from "../nodes/foreign-programs.ts";
import { startKeeper } from "./keeper.ts";

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

/**
 * Opens a life line. With the kernel's, setpriv asks for a signal at the end of its parent, and becomes the program.
 *
 * @throws CommandError where a keeper cannot be started
 */
export async function openLifeLine(
  kind: LifeLineKind,
  options: { readonly nodeBinary: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<LifeLine> {
  if (kind === "kernel") {
    return {
      argvOf: (argv) => [defaultSetpriv, "--pdeathsig", "KILL", ...argv],
      guard: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const keeper = await startKeeper(options);
  return {
    argvOf: (argv) => argv,
    guard: keeper.watch,
    [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose](),
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
      `Foreign programs are started with ${setpriv} --pdeathsig, so that they end with this command: ` +
      `${describeError(error)}. Install util-linux 2.33 or later.`;
    return { code: "setpriv-missing", message };
  }
}
