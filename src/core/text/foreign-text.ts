/** Text from outside (nodes, hosts, engines, files), made fit to be shown. */

/** A part of a line, in a colour of ours where the terminal has colours. */
export interface Piece {
  readonly text: string;
  readonly colour?: "yellow" | "red" | undefined;
}

/** A text, or pieces beside each other. */
export type Line = string | readonly Piece[];

/** Colours, of which logs are full. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const colours = /\x1b\[[\d;:]*m/g;
/** What steers a terminal, or changes the order of letters; line breaks and tabs are fine. */
const steering = /[^\P{Cc}\n\t]|[\p{Cf}\u2028\u2029]/gu;
const breaks = /[\r\n\t\u2028\u2029]+/g;

/**
 * Text of any number of lines, without what could steer a terminal: colours are removed, and other control characters
 * are shown as JSON writes them: "\u001b". So a JSON document stays the same document.
 */
export function formatForeignLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(colours, "").replace(steering, escapeCharacter);
}

/** The same on one line. */
export function formatForeign(text: string): string {
  return formatForeignLines(text.replace(breaks, " ")).trim();
}

function escapeCharacter(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
