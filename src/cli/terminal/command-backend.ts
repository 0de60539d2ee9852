import { basename } from "node:path";
import type { Environment, ProcessFacts } from "../../core/process/environment.ts";
import { type Backend, openBackend } from "../../run/prepare/backend.ts";
import { type Dialogue, openDialogue, openPrompt } from "./prompt.ts";

/** What commands work with besides their options. Made in one place, so that they can be tested without an engine. */
export interface CommandBackend extends Backend {
  /** Questions on this process's terminal; undefined where it has none. */
  readonly openDialogue: (signal: AbortSignal) => Dialogue | undefined;
}

/** For those who find something in use: the command by name; npx puts it in a folder that nobody knows. */
export function formatCommandLine([, file = "", ...args]: readonly string[]): string {
  return [basename(file, ".js"), ...args].join(" ");
}

export const commandLine = () => formatCommandLine(process.argv);

/** This process, in that environment. */
export const processFacts = (env: Environment): ProcessFacts => ({
  env,
  pid: process.pid,
  nodeBinary: process.execPath,
  nodeVersion: process.version,
  commandLine: commandLine(),
});

/** What this machine, its hosts and its terminal offer. Touches nothing yet. */
export function openCommandBackend(env: Environment): CommandBackend {
  const streams = { input: process.stdin, output: process.stderr };
  const askPassphrase = (signal: AbortSignal) => openPrompt({ ...streams, signal });
  return {
    ...openBackend(processFacts(env), askPassphrase),
    openDialogue: (signal) => openDialogue({ ...streams, signal }),
  };
}
