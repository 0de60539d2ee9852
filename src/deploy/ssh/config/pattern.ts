/** Patterns of host names as ssh_config(5) and known_hosts have them: `*`, `?` and negation by `!`. Pure. */

/** Whether a pattern without a negation fits the whole text. */
export function fitsPattern(text: string, pattern: string): boolean {
  const source = pattern.replaceAll(/[\s\S]/gu, (sign) => {
    if (sign === "*") return "[^]*";
    return sign === "?" ? "[^]" : sign.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  });
  return new RegExp(`^${source.replaceAll(/(?:\[\^\]\*)+/g, "[^]*")}$`, "u").test(text);
}

/** Whether one of the patterns fits, and none of the negated ones does. */
export function fitsPatterns(text: string, patterns: readonly string[]): boolean {
  const negated = patterns.filter((pattern) => pattern.startsWith("!"));
  return (
    !negated.some((pattern) => fitsPattern(text, pattern.slice(1))) &&
    patterns.some((pattern) => !pattern.startsWith("!") && fitsPattern(text, pattern))
  );
}
