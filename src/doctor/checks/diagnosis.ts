/** What is told of a machine before anything runs on it. */
import type { Diagnostic } from "../../core/errors.ts";

/** A diagnostic keeps a run from working. A warning does not, but is worth knowing before one starts. */
export type Severity = "warning" | "fault";

/** One thing that is not as it should be. */
export interface Finding extends Diagnostic {
  readonly severity: Severity;
}

/** What one check found. */
export interface Diagnosis {
  /** What was looked at, for people: "Docker engine". */
  readonly name: string;
  /** What was found, short enough for the rest of a line: "28.2.2, linux/amd64". */
  readonly summary: string;
  /** None where all is well. */
  readonly findings: readonly Finding[];
}

export type DiagnosisState = "ok" | Severity;

/** The worst of what was found. */
export function stateOf({ findings }: Diagnosis): DiagnosisState {
  if (findings.some(({ severity }) => severity === "fault")) return "fault";
  return findings.length > 0 ? "warning" : "ok";
}

/** Diagnostics that somebody else found, as findings. */
export function asFindings(severity: Severity, diagnostics: readonly Diagnostic[]): readonly Finding[] {
  return diagnostics.map((diagnostic) => ({ ...diagnostic, severity }));
}
