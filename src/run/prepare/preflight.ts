import { BaleenError, ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import { explainError } from "../../core/explain.ts";

/** Looks at one part of the environment; what it throws counts as a diagnostic too. */
export type Check = (signal: AbortSignal) => Promise<readonly Diagnostic[]>;

/** The same without those whose message stands there already. */
export function eachOnce(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [diagnostic.message, diagnostic])).values()];
}

/** @throws ConfigurationError with every diagnostic once, if there is any */
export function refuse(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new ConfigurationError(eachOnce(diagnostics));
}

/** `preflight` with a look at what the work needs, among the checks. @returns what the look gave */
export async function preflightLook<T>(
  known: readonly Diagnostic[],
  look: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  checks: readonly Check[] = [],
): Promise<T> {
  const found: T[] = [];
  const keep: Check = async (abort) => {
    found.push(await look(abort));
    return [];
  };
  await preflight(known, [keep, ...checks], signal);
  return found[0] as T;
}

/** Runs all checks. @throws ConfigurationError with all diagnostics, known ones too, once; the signal's reason */
export async function preflight(
  known: readonly Diagnostic[],
  checks: readonly Check[],
  signal: AbortSignal,
): Promise<void> {
  const found = await Promise.all(checks.map((check) => diagnosed(() => check(signal))));
  signal.throwIfAborted();
  refuse([...known, ...found.flat()]);
}

/** What a check found; what it throws counts as a diagnostic too. */
export async function diagnosed(check: () => Promise<readonly Diagnostic[]>): Promise<readonly Diagnostic[]> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.diagnostics;
    const code = error instanceof BaleenError ? error.code : "check-failed";
    return [{ code, message: explainError(error) }];
  }
}

interface PartDiagnostics {
  readonly part?: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** How those begin that tell by themselves where they belong. */
  readonly known?: readonly string[];
}

/** Diagnostics of several sweeps; one that not all of them have names those that do. */
export function nameParts(found: readonly PartDiagnostics[]): readonly Diagnostic[] {
  const has = ({ message }: Diagnostic) =>
    found.every(({ diagnostics }) => diagnostics.some((other) => other.message === message));
  return found.flatMap(({ part, diagnostics, known = [] }) =>
    diagnostics.map((one) =>
      part === undefined || has(one) || known.some((name) => one.message.startsWith(name))
        ? one
        : { ...one, message: `${part}: ${one.message}` },
    ),
  );
}
