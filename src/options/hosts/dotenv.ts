import type { Diagnostic } from "../../core/errors.ts";

/** One line of such a file that sets a variable. */
interface Assignment {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

// A line ends with a line feed alone: a value may hold what Unicode calls a line separator.
const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/s;
const doubleQuoted = /^"((?:[^"\\]|\\.)*)"(.*)$/s;
const singleQuoted = /^'([^']*)'(.*)$/s;
/** Lines told one by one; a file with more of them is hardly one of hosts. */
const mostLinesReported = 5;
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * Parses `NAME=value` lines as dotenv files have them: comments, `export`, single quotes (as it stands), double
 * quotes (with backslash escapes). Nothing is expanded and nothing is run. Of a name given twice both are told.
 *
 * @param path for the diagnostics, which name the line but never quote it: a value may be a secret
 */
export function parseDotenv(
  text: string,
  path: string,
): { readonly assignments: readonly Assignment[]; readonly diagnostics: readonly Diagnostic[] } {
  const assignments: Assignment[] = [];
  const diagnostics: Diagnostic[] = [];
  let misread = 0;
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  for (const [index, raw] of lines.entries()) {
    const content = raw.trim();
    if (content === "" || content.startsWith("#")) continue;
    const line = index + 1;
    const refuse = (reason: string, remedy: string) =>
      diagnostics.push({ code: "hosts-file", message: `${path}:${line}: ${reason}. ${remedy}` });
    const [, name, rest] = assignment.exec(content) ?? [];
    if (name === undefined || rest === undefined) {
      misread += 1;
      if (misread <= mostLinesReported)
        refuse("not of the form NAME=value", "Correct the line, or put # before it.");
      continue;
    }
    const value = parseValue(rest);
    if (value === undefined) {
      refuse(`the quotes of ${name} do not match`, "Close them on the same line, with nothing after them.");
    } else assignments.push({ name, value, line });
  }
  if (misread > mostLinesReported) {
    const message = `${path}: ${misread - mostLinesReported} more lines are not of the form NAME=value. Use a hosts file; hosts.example.env is an example.`;
    diagnostics.push({ code: "hosts-file", message });
  }
  return { assignments, diagnostics };
}

/** undefined where quotes are not closed, or something but a comment follows them. */
function parseValue(rest: string): string | undefined {
  if (!/^["']/.test(rest)) return rest.startsWith("#") ? "" : rest.replace(/\s#.*$/, "").trimEnd();
  const [, inner, behind] = (rest.startsWith('"') ? doubleQuoted : singleQuoted).exec(rest) ?? [];
  if (inner === undefined || !/^\s*(#.*)?$/.test(behind ?? "")) return undefined;
  return rest.startsWith('"')
    ? inner.replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter)
    : inner;
}
