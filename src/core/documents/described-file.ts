import type { ErrorCode } from "../error-codes.ts";
import type { Diagnostic } from "../errors.ts";
import type { SchemaDiagnostic } from "./schema-issues.ts";
import { parseYamlWithLines, YamlError } from "./yaml.ts";

/** A YAML file that people write, read and checked, with the lines of what it says. */
export interface DescribedFile {
  /** undefined where the text could not be parsed. */
  readonly value: unknown;
  /** All that is wrong: "bench.yaml:12: committee: must be a whole number." */
  readonly diagnostics: readonly Diagnostic[];
  /** A diagnostic of whatever stands there. `message` without a full stop. */
  readonly diagnostic: (path: readonly (string | number)[], message: string) => Diagnostic;
  /** Where something stands: "bench.yaml:12". */
  readonly placeOf: (path: readonly (string | number)[]) => string;
}

const deepest = 64;

/** Where a value is nested too deep for code that follows it down, as one that is a part of itself is. */
export function findTooDeep(
  value: unknown,
  path: readonly (string | number)[] = [],
): readonly (string | number)[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (path.length > deepest) return path;
  for (const [key, part] of Object.entries(value)) {
    const found = findTooDeep(part, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Parses a YAML text and holds it to a schema. @param file its name in diagnostics @param code of all diagnostics */
export function readDescribedFile(
  text: string,
  {
    file,
    code,
    check,
  }: {
    readonly file: string;
    readonly code: ErrorCode;
    readonly check: (value: unknown) => readonly SchemaDiagnostic[];
  },
): DescribedFile {
  let lines: ReturnType<typeof parseYamlWithLines>;
  try {
    lines = parseYamlWithLines(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const diagnostics = error.problems.map(
      ({ message, line }): Diagnostic => ({
        code,
        message: `${file}:${line}: ${message}. Fix the YAML.`,
      }),
    );
    const [first = { code, message: `${file}: not valid YAML.` }] = diagnostics;
    return { value: undefined, diagnostics, diagnostic: () => first, placeOf: () => file };
  }
  const placeOf = (path: readonly (string | number)[]) => `${file}:${lines.lineOf(path)}`;
  const diagnostic = (path: readonly (string | number)[], message: string): Diagnostic => ({
    code,
    message: `${placeOf(path)}: ${message}${/[.?]$/.test(message) ? "" : "."}`,
  });
  const endless = findTooDeep(lines.value);
  if (endless !== undefined) {
    const reported = diagnostic(
      endless,
      `is nested more than ${deepest} levels deep, or contains itself through an alias; flatten it`,
    );
    return { value: undefined, diagnostics: [reported], diagnostic, placeOf };
  }
  return {
    value: lines.value,
    diagnostics: check(lines.value).map(({ path, message }) => diagnostic(path, message)),
    diagnostic,
    placeOf,
  };
}
