/** How lines of the live view are put together from pieces that stay whole. Pure. */
import type { Piece } from "../../../core/text/foreign-text.ts";

const gap = "  ";

/** Characters that take two columns: East Asian ones and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** How many columns a text takes on a terminal, at most. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += wide.test(character) ? 2 : 1;
  return columns;
}

/** The text, or its beginning and "…" where it is too wide. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) break;
    kept += character;
  }
  return columns < 1 ? "" : `${kept}…`;
}

/** Puts pieces beside each other, with gaps, on as many lines as that takes. All but the first are indented. */
export function flow(pieces: readonly Piece[], columns: number): Piece[][] {
  const lines: Piece[][] = [];
  let used = 0;
  for (const piece of pieces) {
    const last = lines.at(-1);
    const needed = gap.length + columnsOf(piece.text);
    if (last !== undefined && used + needed <= columns) {
      last.push({ text: gap }, piece);
      used += needed;
      continue;
    }
    const indented = last === undefined ? piece.text : `${gap}${piece.text}`;
    const text = cut(indented, columns);
    lines.push([{ ...piece, text }]);
    used = columnsOf(text);
  }
  return lines;
}

const bars = "▁▂▃▄▅▆▇█";

/** A bar for each value, from 0 to the highest of them; a space where nothing was seen. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  const place = (value: number) =>
    most === 0 ? 0 : Math.min(bars.length - 1, Math.floor((value / most) * bars.length));
  return values.map((value) => (value === undefined ? " " : bars[place(value)])).join("");
}

const cells = 10;

/** "████░░░░░░" */
export function progressBar(ratio: number): string {
  const full = Math.max(0, Math.min(cells, Math.floor(ratio * cells)));
  return "█".repeat(full) + "░".repeat(cells - full);
}
