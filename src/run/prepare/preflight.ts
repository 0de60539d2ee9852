import { BaleenError, ConfigurationError, type Fault } from "../../core/errors.ts";
import { explainError } from "../../core/explain.ts";

/** Looks at one part of the environment; what it throws counts as a fault too. */
export type Check = (signal: AbortSignal) => Promise<readonly Fault[]>;

/**
 * Runs all checks, and joins what they find with the faults already known.
 *
 * @throws ConfigurationError with every fault once, if there is any; the signal's reason on abort
 */
export async function preflight(
  known: readonly Fault[],
  checks: readonly Check[],
  signal: AbortSignal,
): Promise<void> {
  const found = await Promise.all(
    checks.map(async (check): Promise<readonly Fault[]> => {
      try {
        return await check(signal);
      } catch (error) {
        if (error instanceof ConfigurationError) return error.faults;
        const code = error instanceof BaleenError ? error.code : "check-failed";
        return [{ code, message: explainError(error) }];
      }
    }),
  );
  signal.throwIfAborted();
  const faults = new Map([...known, ...found.flat()].map((fault) => [fault.message, fault]));
  if (faults.size > 0) throw new ConfigurationError([...faults.values()]);
}
