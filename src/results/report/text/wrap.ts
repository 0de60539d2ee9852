/** A space at which no line is broken. */
export const noBreak = "\u00a0";

/** Breaks a text into lines of at most `most` columns, at spaces. */
export function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => line.replaceAll(noBreak, " "));
}
