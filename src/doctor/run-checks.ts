import { untilAborted } from "../core/async.ts";
import { BaleenError, ConfigurationError, type Diagnostic, describeError } from "../core/errors.ts";

/** A diagnostic keeps a run from working. A warning does not, but is worth knowing before one starts. */
export type Severity = "warning" | "fault";

export interface Finding extends Diagnostic {
  readonly severity: Severity;
}

export interface Diagnosis {
  /** What was looked at, for people: "Docker engine". */
  readonly name: string;
  /** What was found, short enough for the rest of a line: "28.2.2, linux/amd64". */
  readonly summary: string;
  /** None where all is well. */
  readonly findings: readonly Finding[];
}

/** A diagnosis, as one who does not know what its check is called makes it. */
export type Judgement = Omit<Diagnosis, "name">;

export type DiagnosisState = "ok" | Severity;

export function stateOf({ findings }: Judgement): DiagnosisState {
  if (findings.some(({ severity }) => severity === "fault")) return "fault";
  return findings.length > 0 ? "warning" : "ok";
}

/** Diagnostics that somebody else found, as findings. */
export function asFindings(severity: Severity, diagnostics: readonly Diagnostic[]): readonly Finding[] {
  return diagnostics.map((diagnostic) => ({ ...diagnostic, severity }));
}

export interface Check {
  /** As its diagnosis is called, where it makes one alone. */
  readonly name: string;
  /** After this it is given up, and told as not known. */
  readonly limitMs: number;
  /** What it throws counts as a diagnostic. */
  readonly look: (signal: AbortSignal) => Promise<readonly Diagnosis[]>;
}

/** By the check's name, what makes its one diagnosis, or none where there is nothing to tell. */
type Looks = Readonly<Record<string, (signal: AbortSignal) => Promise<Judgement | undefined>>>;

export function checksOf(limitMs: number, looks: Looks): readonly Check[] {
  return Object.entries(looks).map(([name, look]) => ({
    name,
    limitMs,
    look: async (signal) => {
      const judged = await look(signal);
      return judged === undefined ? [] : [{ name, ...judged }];
    },
  }));
}

export interface CheckWatch {
  readonly signal: AbortSignal;
  /** Told of each check that takes longer than two seconds. */
  readonly onSlow: (check: Check) => void;
}

const slowMs = 2_000;

/**
 * Makes all checks at the same time.
 *
 * @returns what they found, in the order of the checks
 * @throws the signal's reason
 */
export async function runChecks(
  checks: readonly Check[],
  { signal, onSlow }: CheckWatch,
): Promise<readonly Diagnosis[]> {
  const found = await Promise.all(
    checks.map(async (check) => {
      const timer = setTimeout(onSlow, slowMs, check);
      try {
        return await runCheck(check, signal);
      } finally {
        clearTimeout(timer);
      }
    }),
  );
  return found.flat();
}

async function runCheck(check: Check, signal: AbortSignal): Promise<readonly Diagnosis[]> {
  const { name, limitMs, look } = check;
  const limit = AbortSignal.timeout(limitMs);
  const either = AbortSignal.any([signal, limit]);
  try {
    return await untilAborted(look(either), either);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) {
      const message = `${name}: no answer within ${limitMs / 1000} s, so the result is unknown. Try again.`;
      const finding = { severity: "warning", code: "check-timeout", message } as const;
      return [{ name, summary: "unknown", findings: [finding] }];
    }
    return [{ name, summary: "unknown", findings: asFindings("fault", diagnosticsOf(error)) }];
  }
}

function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof ConfigurationError) return error.diagnostics;
  const code = error instanceof BaleenError ? error.code : "check-failed";
  return [{ code, message: describeError(error) }];
}
