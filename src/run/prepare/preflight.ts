import { BaleenError, ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import { explainError } from "../../core/explain.ts";

/** Looks at one part of the environment; what it throws counts as a diagnostic too. */
export type Check = (signal: AbortSignal) => Promise<readonly Diagnostic[]>;

/**
 * Runs all checks, and joins what they find with the diagnostics already known.
 *
 * @throws ConfigurationError with every diagnostic once, if there is any; the signal's reason on abort
 */
export async function preflight(
  known: readonly Diagnostic[],
  checks: readonly Check[],
  signal: AbortSignal,
): Promise<void> {
  const found = await Promise.all(
    checks.map(async (check): Promise<readonly Diagnostic[]> => {
      try {
        return await check(signal);
      } catch (error) {
        if (error instanceof ConfigurationError) return error.diagnostics;
        const code = error instanceof BaleenError ? error.code : "check-failed";
        return [{ code, message: explainError(error) }];
      }
    }),
  );
  signal.throwIfAborted();
  const diagnostics = new Map(
    [...known, ...found.flat()].map((diagnostic) => [diagnostic.message, diagnostic]),
  );
  if (diagnostics.size > 0) throw new ConfigurationError([...diagnostics.values()]);
}
