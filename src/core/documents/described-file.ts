import type { ErrorCode } from "../error-codes.ts";
import type { Diagnostic } from "../errors.ts";
import type { Path, SchemaDiagnostic } from "./schema-issues.ts";
import { readYamlFile, type YamlWithLines } from "./yaml.ts";

const deepest = 64;

/** Where a value is nested too deep for code that follows it down, as one that is a part of itself is. */
export function findTooDeep(value: unknown, path: Path = []): Path | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (path.length > deepest) return path;
  for (const [key, part] of Object.entries(value)) {
    const found = findTooDeep(part, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Parses a YAML text and holds it to a schema.
 *
 * @param file its name in diagnostics
 * @param code of all diagnostics
 * @param part of a larger file, which counts in place of the text
 * @returns `value`, undefined where the text could not be parsed; all that is wrong with it ("bench.yaml:12: committee:
 *   must be a whole number."); and what tells where something stands ("bench.yaml:12"), or is wrong there
 */
export function readDescribedFile(
  text: string,
  {
    file,
    code,
    check,
    part,
  }: {
    readonly file: string;
    readonly code: ErrorCode;
    readonly part?: YamlWithLines | undefined;
    readonly check: (value: unknown) => readonly SchemaDiagnostic[];
  },
) {
  const diagnostics: Diagnostic[] = [];
  const refuse = (message: string) => diagnostics.push({ code, message });
  const parsed = part ?? readYamlFile(file, text, refuse, "Fix the YAML.");
  const { value, lineOf } = parsed ?? { value: undefined, lineOf: () => 1 };
  const placeOf = (path: Path) => `${file}:${lineOf(path)}`;
  /** @param message without a full stop */
  const diagnostic = (path: Path, message: string): Diagnostic => ({
    code,
    message: `${placeOf(path)}: ${message}${/[.?]$/.test(message) ? "" : "."}`,
  });
  const endless = findTooDeep(value);
  if (endless !== undefined) {
    const deep = `is nested more than ${deepest} levels deep, or contains itself through an alias; flatten it`;
    diagnostics.push(diagnostic(endless, deep));
  }
  if (diagnostics.length > 0) return { value: undefined, diagnostics, diagnostic, placeOf };
  const found = check(value).map(({ path, message }) => diagnostic(path, message));
  return { value, diagnostics: found, diagnostic, placeOf };
}
