import type { ErrorCode } from "./error-codes.ts";

/**
 * Base of every failure that is reported on purpose. `code` is stable and documented; the message says what failed, on
 * what, why, and what to do; further facts are fields of the subclass. Never a secret in any of them.
 */
export class BaleenError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One reason why something cannot be started as asked: one line, with its remedy. */
export interface Diagnostic {
  readonly code: ErrorCode;
  readonly message: string;
  /** What mends it, as it is typed in a shell, where one command does. The message may end with it. */
  readonly command?: string | undefined;
}

/** Usage or configuration is wrong; holds all the diagnostics, not the first (exit code 2). */
export class ConfigurationError extends BaleenError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], options?: { cause?: unknown }) {
    super("configuration", diagnostics.map((diagnostic) => diagnostic.message).join("\n"), options);
    this.diagnostics = diagnostics;
  }
}

/** What an error of ours says, for who collects all that is wrong; throws any other error again. */
export function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof ConfigurationError) return error.diagnostics;
  if (!(error instanceof BaleenError)) throw error;
  return [{ code: error.code, message: error.message }];
}

/** A caller broke a function's stated terms. */
export class InvalidArgumentError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("invalid-argument", message, options);
  }
}

/** Something took longer than it may. */
export class TimeoutError extends BaleenError {
  readonly timeoutMs: number;

  constructor(message: string, timeoutMs: number, options?: { cause?: unknown }) {
    super("timeout", message, options);
    this.timeoutMs = timeoutMs;
  }
}

/** The message of anything that was thrown, its causes included, on one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === "" ? error.name : error.message;
  const cause = error.cause === undefined ? "" : describeError(error.cause);
  return cause === "" || own.includes(cause) ? own : `${own}: ${cause}`;
}

/** The system's error code (ENOSPC, ECONNREFUSED, …) of an error or of its causes. */
export function systemCode(error: unknown): string | undefined {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code;
    if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  }
  return undefined;
}

/** What is read of a file; undefined where there is no such file. */
export async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
