import { BaleenError, describeError } from "../../core/errors.ts";

/** The log cannot be read or written, or contradicts itself. */
export class LogError extends BaleenError {
  constructor(path: string, reason: string, options?: { cause?: unknown }) {
    super("validator-log", `Write-ahead log ${path}: ${reason}`, options);
  }
}

/** What to do about a log that cannot be trusted. */
export const startOver =
  "Remove the log's folder: the validator then fetches its history from the others before it proposes.";

/** What could not be done with a file of the log; `what` says it: "read", "written", … */
export function inability(path: string, what: string, cause: unknown): LogError {
  return new LogError(path, `cannot be ${what}: ${describeError(cause)}`, { cause });
}

/** Does something with a file of the log; `what` says in an error what it could not be. */
export function attempt<T>(path: string, what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw inability(path, what, error);
  }
}
