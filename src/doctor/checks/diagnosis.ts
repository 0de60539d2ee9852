/** What is told of a machine before anything runs on it. */
import type { Fault } from "../../core/errors.ts";

/** A fault keeps a run from working. A warning does not, but is worth knowing before one starts. */
export type Severity = "warning" | "fault";

/** One thing that is not as it should be. */
export interface Finding extends Fault {
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

/** Faults that somebody else found, as findings. */
export function asFindings(severity: Severity, faults: readonly Fault[]): readonly Finding[] {
  return faults.map((fault) => ({ ...fault, severity }));
}
