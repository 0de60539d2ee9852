/** Reading of ssh_config(5). Pure but for the files that `Include` names, which the caller reads. */

import { parsePort } from "../../../core/address.ts";

/** One line that counts, or the lines of a file that it includes. */
export type ConfigEntry =
  /** A Host block, or a Match block, of which nothing is taken: it has no patterns. */
  | { readonly kind: "host"; readonly patterns: readonly string[] }
  | { readonly kind: "include"; readonly entries: readonly ConfigEntry[] }
  | { readonly kind: "setting"; readonly keyword: string; readonly value: string };

/** What is said of one host, by keyword; of what may be said once, the first. */
export interface ConfigValues
  extends Partial<Record<"hostname" | "user" | "port" | "proxyjump" | "proxycommand", string>> {
  /** All, in order. */
  readonly identityFiles: readonly string[];
}

const deepestInclude = 16;

/**
 * Parses a file; keywords are lower-cased.
 *
 * @param readIncluded texts of the files that an Include's pattern names, in order
 */
export async function parseConfigFile(
  text: string,
  readIncluded: (pattern: string) => Promise<readonly string[]>,
  depth = 0,
): Promise<ConfigEntry[]> {
  const entries: ConfigEntry[] = [];
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([A-Za-z][\w-]*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line);
    if (match === null) continue;
    const keyword = (match[1] ?? "").toLowerCase();
    const rest = match[2] ?? "";
    const words = splitWords(rest);
    if (keyword === "host") entries.push({ kind: "host", patterns: words });
    else if (keyword === "match") entries.push({ kind: "host", patterns: [] });
    else if (keyword === "include") {
      if (depth >= deepestInclude) continue;
      for (const pattern of words) {
        for (const included of await readIncluded(pattern)) {
          entries.push({
            kind: "include",
            entries: await parseConfigFile(included, readIncluded, depth + 1),
          });
        }
      }
    } else {
      const value = keyword === "proxycommand" ? rest : words[0];
      if (value !== undefined) entries.push({ kind: "setting", keyword, value });
    }
  }
  return entries;
}

/** The words of a line: quotes hold blanks together, a backslash a quote, a `#` at a word's start ends the line. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  const word = /\s*(?:(#.*)|((?:"(?:\\.|[^"\\])*"|'[^']*'|\\["'\\ ]|[^\s"'])+)|(["']))/gy;
  for (const [, comment, content, stray] of text.matchAll(word)) {
    if (comment !== undefined || stray !== undefined) break;
    words.push((content ?? "").replaceAll(/\\(["'\\ ])|["']/g, "$1"));
  }
  return words;
}

/**
 * Looks a host up.
 *
 * @param host the name as the user wrote it: patterns are compared with that
 */
export function lookUpHost(entries: readonly ConfigEntry[], host: string): ConfigValues {
  const single = new Map<string, string>();
  const identityFiles: string[] = [];
  const visit = (list: readonly ConfigEntry[]) => {
    let applies = true;
    for (const entry of list) {
      if (entry.kind === "host") applies = fitsPatterns(host, entry.patterns);
      else if (!applies) continue;
      else if (entry.kind === "include") visit(entry.entries);
      else if (entry.keyword === "identityfile") identityFiles.push(entry.value);
      else if (!single.has(entry.keyword)) single.set(entry.keyword, entry.value);
    }
  };
  visit(entries);
  return { ...Object.fromEntries(single), identityFiles: [...new Set(identityFiles)] };
}

/** Whether a pattern (`*`, `?`) fits the whole text. */
function fitsPattern(text: string, pattern: string): boolean {
  const source = pattern.replaceAll(/[\s\S]/gu, (sign) => {
    if (sign === "*") return "[^]*";
    return sign === "?" ? "[^]" : sign.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  });
  return new RegExp(`^${source.replaceAll(/(?:\[\^\]\*)+/g, "[^]*")}$`, "u").test(text);
}

/** Whether one of the patterns fits, and none of those that are negated by `!`, as known_hosts has them too. */
export function fitsPatterns(text: string, patterns: readonly string[]): boolean {
  const negated = patterns.filter((pattern) => pattern.startsWith("!"));
  return (
    !negated.some((pattern) => fitsPattern(text, pattern.slice(1))) &&
    patterns.some((pattern) => !pattern.startsWith("!") && fitsPattern(text, pattern))
  );
}

/** One host on the way, as it was written. */
export interface JumpText {
  readonly user?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
}

/** The hosts on the way, the nearest one first; "none" is an empty way; undefined where the text is none. */
export function parseJumps(text: string): readonly JumpText[] | undefined {
  if (text.trim().toLowerCase() === "none") return [];
  const jumps = text.split(",").map((part) => parseJump(part.trim()));
  return jumps.every((jump) => jump !== undefined) ? jumps : undefined;
}

function parseJump(text: string): JumpText | undefined {
  const match =
    /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:@[\]]+|[^@[\]]*:[^@[\]]*:[^@[\]]*))(?::(\d+))?\/?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, user, bracketed, plain, digits] = match;
  const host = bracketed ?? plain ?? "";
  const port = digits === undefined ? undefined : parsePort(digits);
  return host === "" || (digits !== undefined && port === undefined) ? undefined : { user, host, port };
}
