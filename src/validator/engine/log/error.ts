import { BaleenError, describeError } from "../../../core/errors.ts";

/** The log cannot be read or written, or contradicts itself. */
export class LogError extends BaleenError {
  readonly path: string;

  constructor(message: string, { path, ...options }: { path: string; cause?: unknown }) {
    super("validator-log", `Write-ahead log ${path}: ${message}`, options);
    this.path = path;
  }
}

/** What to do about a log that cannot be trusted. */
export const startOver =
  "Remove the log's folder: the validator then gets its history from the others before it proposes.";

/** Does something with a file of the log; `what` says in an error what it could not be: "read", "written", … */
export function attempt<T>(path: string, what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new LogError(`cannot be ${what}: ${describeError(error)}`, { path, cause: error });
  }
}
