import { fileURLToPath } from "node:url";
import { startPipedChild } from "../../core/process/piped-child.ts";
import { readProcess } from "../../core/process/processes.ts";

/** A process beside this one that outlives it for a moment, to end what was started by it. */
export interface Keeper extends AsyncDisposable {
  readonly pid: number;
  /**
   * Takes note of a process that leads a group: when this process is gone, however it ended, that group is ended by
   * SIGKILL.
   */
  readonly watch: (pid: number) => Promise<void>;
}

/** How the keeper is told of a process: a line of JSON. The start tells it from a later one of the same id. */
export interface KeptProcess {
  readonly pid: number;
  readonly start: string;
}

/** Disposing of it ends what it watches, too. */
const graceMs = 2000;

/**
 * Starts a keeper.
 *
 * @throws CommandError where it cannot be started
 */
export async function startKeeper(options: {
  /** Absolute path of the Node.js that it runs on. */
  readonly nodeBinary: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<Keeper> {
  // The same file as this one's neighbour, whether it is compiled or not.
  const name = import.meta.url.endsWith(".ts") ? "./keeper/main.ts" : "./keeper/main.js";
  const entry = fileURLToPath(new URL(name, import.meta.url));
  const child = await startPipedChild({ argv: [options.nodeBinary, entry], env: options.env });
  child.stdout.resume();
  return {
    pid: child.pid,
    watch: async (pid) => {
      const start = (await readProcess(pid))?.start;
      // One that has ended already needs no keeper.
      if (start === undefined) return;
      child.stdin.write(`${JSON.stringify({ pid, start } satisfies KeptProcess)}\n`);
    },
    [Symbol.asyncDispose]: () => child.stop({ graceMs }),
  };
}
