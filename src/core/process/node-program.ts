/** How the processes of nodes begin and end: `main.js --home DIR [--exit-with-parent]`. */
import { parseArgs } from "node:util";

/** What of a process it touches; `process` is one. */
type ProgramProcess = Pick<NodeJS.Process, "stdin" | "stdout" | "stderr" | "once" | "exit">;

export interface ProgramSetting {
  /** The node's folder. */
  readonly home: string;
  /** Prints a JSON line with the time to standard output. */
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
  /** Aborts when the process is to end. */
  readonly signal: AbortSignal;
}

/**
 * Runs a program until it returns, and ends the process: with 0, or with 1 and one line on standard error where it
 * throws. The signal aborts at SIGTERM, at SIGINT, and with `--exit-with-parent` at the end of standard input.
 *
 * @param name begins that line: "peer"
 */
export async function runNodeProgram(
  edge: ProgramProcess,
  name: string,
  run: (setting: ProgramSetting) => Promise<void>,
): Promise<void> {
  try {
    const { values } = parseArgs({
      options: { home: { type: "string" }, "exit-with-parent": { type: "boolean" } },
    });
    const { home } = values;
    if (home === undefined) {
      throw new TypeError(`--home: the folder of the ${name}'s files is missing. Give --home DIR.`);
    }
    // Whoever read the lines may go before this process does.
    edge.stdout.on("error", () => {});
    const stopping = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) edge.once(signal, () => stopping.abort());
    if (values["exit-with-parent"]) {
      edge.stdin.once("close", () => stopping.abort());
      edge.stdin.resume();
    }
    const log: ProgramSetting["log"] = (message, facts = {}) => {
      edge.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), message, ...facts })}\n`);
    };
    await run({ home, log, signal: stopping.signal });
  } catch (error) {
    const message = String(error instanceof Error ? error.message : error).replaceAll("\n", " ");
    edge.stderr.write(`${name}: ${message}\n`);
    edge.exit(1);
  }
  edge.exit(0);
}
