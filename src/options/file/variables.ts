/** `${NAME}` in the texts of a file of options: what the environment has in place of it. */
import type { HostSources } from "../hosts/description.ts";

/** A text whose variables were put in. */
export interface Substituted {
  readonly text: string;
  /** What they stood for, each with what stands in the file. */
  readonly hidden: readonly { readonly value: string; readonly written: string }[];
  /** Why a variable cannot be put in, with what to do, ending in a full stop. */
  readonly problems: readonly string[];
}

/** A variable that holds a secret, by its name: DB_PASSWORD, but not DB_PASSWORD_FILE. */
const isSecret = (name: string) =>
  /PASSWORD|PASSWD|PASSPHRASE|SECRET|(?:^|_)(?:(?:SSH|DB|PG)?PASS|TOKENS?|CREDENTIALS?|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)(?:_|$)|._PWD$/i.test(
    name,
  ) && !/_(?:FILE|PATH)$/i.test(name);

/** `$$`, a variable with or without a default, or a dollar that is neither. */
const reference = /\$(?:\$|\{([A-Za-z_]\w*)(?::-([^}]*))?\}|)/g;

/**
 * Puts variables of the environment into a text: `${NAME}`, `${NAME:-default}`, and `$$` for a dollar. An empty variable
 * counts as not set. One that is named like a secret is refused: what stands in the file is what was measured, and kept
 * with the results. Pure. Whatever they hold stays text: it is put in after the file was parsed.
 */
export function substitute(text: string, environment: HostSources["environment"]): Substituted {
  const hidden: { value: string; written: string }[] = [];
  const problems: string[] = [];
  const put = (written: string, name: string | undefined, fallback: string | undefined): string => {
    if (written === "$$") return "$";
    if (name === undefined) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how it is written
      problems.push('a "$" in it begins no variable. Write ${NAME}, ${NAME:-default}, or $$ for a dollar.');
      return "";
    }
    if (isSecret(name)) {
      problems.push(
        `the environment variable ${name} has the name of a secret, but its value would be stored with the results. Use a variable that ends in _FILE with the path of a file that contains the secret. If it is no secret, rename the variable.`,
      );
      return "";
    }
    const value = environment[name];
    if (value !== undefined && value !== "") {
      hidden.push({ value, written: `\${${name}}` });
      return value;
    }
    if (fallback === undefined) {
      problems.push(
        `the environment variable ${name} is not set. Set it, or write \${${name}:-default} for a default.`,
      );
    }
    return fallback ?? "";
  };
  return { text: text.replace(reference, put), hidden, problems };
}

/** Puts variables into all texts of a plain value, but not into keys. `problems` get the place of each. */
export function substituteAll(
  value: unknown,
  environment: HostSources["environment"],
  refuse: (path: readonly (string | number)[], problem: string) => void,
): { readonly value: unknown; readonly hidden: Substituted["hidden"] } {
  const hidden: Substituted["hidden"][number][] = [];
  // A part that an alias repeats is the same object; it may even hold itself.
  const known = new Map<object, unknown>();
  const walk = (part: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof part === "string") {
      const put = substitute(part, environment);
      hidden.push(...put.hidden);
      for (const problem of put.problems) refuse(path, problem);
      return put.text;
    }
    if (typeof part !== "object" || part === null) return part;
    if (known.has(part)) return known.get(part);
    const isList = Array.isArray(part);
    const copy: object = isList ? [] : {};
    known.set(part, copy);
    for (const [key, item] of Object.entries(part)) {
      const value = walk(item, [...path, isList ? Number(key) : key]);
      // Not assigned: a key may be "__proto__".
      Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
    }
    return copy;
  };
  return { value: walk(value, []), hidden };
}

/** A place in a file: its line is no value, though it may look like one. */
const place = String.raw`(\.(?:ya?ml|json|env):\d+)`;
/** Shorter ones are looked for as whole words only, or a 5 would be seen in each 50. */
const longEnough = 4;

/**
 * Puts what stands in the file in place of what variables stood for, wherever a diagnostic says it.
 *
 * @param values what stands in the file, by what it stands for
 */
export function concealIn(message: string, values: ReadonlyMap<string, string>): string {
  const written = new Map([...values].map(([value, text]) => [JSON.stringify(value).slice(1, -1), text]));
  for (const [value, text] of values) written.set(value, text);
  // The longest first, since one may be a part of another.
  const words = [...written.keys()].sort((a, b) => b.length - a.length);
  if (words.length === 0) return message;
  const alternatives = words.map((word) => {
    const escaped = word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    return word.length < longEnough ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped;
  });
  const pattern = new RegExp(`${place}|${alternatives.join("|")}`, "gu");
  return message.replace(pattern, (found, line?: string) => line ?? written.get(found) ?? found);
}
