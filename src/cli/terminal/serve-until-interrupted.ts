import { once } from "node:events";
import { type CommandContext, printFound } from "./context.ts";

/** What a command that serves says of itself. */
interface Served {
  readonly url: string;
  /** For `--json`. */
  readonly document: unknown;
  /** Sentences for people, on standard error; how to end it follows. */
  readonly note: string;
}

/** Prints where a server listens, and returns at Ctrl-C. @returns the exit code */
export async function serveUntilInterrupted(
  context: Pick<CommandContext, "terminal" | "settings" | "signal">,
  { url, document, note }: Served,
): Promise<0> {
  const { terminal, settings, signal } = context;
  printFound(context, () => document, url);
  if (!settings.quiet) terminal.note(`${note} Press Ctrl-C to end.`);
  if (!signal.aborted) await once(signal, "abort");
  return 0;
}
