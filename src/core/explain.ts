import { BaleenError, describeError, systemCode } from "./errors.ts";

/** The work was ended from outside: a signal, or nobody reads the results any more (exit code 130). */
export class InterruptedError extends BaleenError {
  constructor(reason: string) {
    super("interrupted", reason);
  }
}

/** Ends the line of an unexpected error; left out where the stack follows anyway. */
export const stackHint = "Run again with --verbose for the stack.";

const remedies: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOSPC: [
    "The disk is full",
    "Free some space, or choose another folder with --output-dir. Finished runs are complete.",
  ],
  EDQUOT: ["The disk quota is used up", "Free some space, or choose another folder with --output-dir."],
  EMFILE: [
    "This process has too many open files",
    "Raise the limit (ulimit -n 65536), or lower --max-in-flight or --committee.",
  ],
  ENFILE: ["This machine has too many open files", "Close other programs, or raise fs.file-max."],
  EACCES: ["Permission denied", "Check the owner and the permissions of the named file."],
  EPERM: ["The system does not permit it", "Check the owner and the permissions of the named file."],
  EROFS: ["The file system is read-only", "Choose another folder with --output-dir."],
  ENOMEM: ["Out of memory", "Close other programs, or lower --committee."],
};

/** An error and its causes with their stacks, for those who look for the bug. */
export function formatStacks(error: unknown): string {
  const stacks: string[] = [];
  let current = error;
  while (current instanceof Error) {
    stacks.push(current.stack ?? describeError(current));
    current = current.cause;
  }
  if (current !== undefined) stacks.push(String(current));
  return stacks.join("\nCaused by: ");
}

/** What a message quotes, such as a node's log, stands on lines that begin so. */
const quoted = /^\s*\| /;

/**
 * One line for people: what failed and what to do; what a message quotes is left out. Errors made on purpose speak for
 * themselves; the system's get a plain sentence; anything else is unexpected.
 */
export function explainError(error: unknown): string {
  let reported = "";
  for (const line of explainWithQuotes(error).split("\n")) {
    if (quoted.test(line) || line.trim() === "") continue;
    const gap = reported === "" ? "" : /[.:;]$/.test(reported) ? " " : "; ";
    reported += `${gap}${line.trim()}`;
  }
  return reported;
}

/** The same with what the message quotes, on lines of their own. */
export function explainWithQuotes(error: unknown): string {
  const code = systemCode(error);
  if (error instanceof BaleenError) {
    // A message made on purpose says its cause in words; what it may leave out is the system's own name for it.
    return code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`;
  }
  const line = describeError(error).replace(/\s*\n\s*/g, "; ");
  const known = code === undefined ? undefined : remedies[code];
  if (known !== undefined) return `${known[0]}: ${line}. ${known[1]}`;
  const codes = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const shown = codes === undefined || line.includes(String(codes)) ? "" : ` (${codes})`;
  return `Unexpected error: ${line}${shown}. ${stackHint}`;
}
