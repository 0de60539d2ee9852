/** What a terminal shows at the end of what was written to it: as much of its language as our commands speak. */

export type Colour = "red" | "yellow" | "green" | "blue" | "magenta" | "cyan";

/** A part of a line whose characters look alike. */
export interface Span {
  readonly text: string;
  readonly colour?: Colour | undefined;
  readonly bold?: true | undefined;
  readonly dim?: true | undefined;
}

interface Look {
  colour?: Colour | undefined;
  bold?: true | undefined;
  dim?: true | undefined;
}

interface Cell extends Look {
  readonly character: string;
}

const colours: Readonly<Record<number, Colour>> = {
  31: "red",
  32: "green",
  33: "yellow",
  34: "blue",
  35: "magenta",
  36: "cyan",
};

/** An escape sequence with its numbers and its letter, or a character. */
const tokens = new RegExp(`${"\u001b"}\\[([\\d;?]*)([A-Za-z])|.`, "gsu");

/**
 * Lines of a screen, the last ones where there were more than it has.
 *
 * @throws RangeError naming an escape sequence that is not understood
 */
export function screenLines(
  written: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Span[][] {
  const lines: Cell[][] = [[]];
  let row = 0;
  let column = 0;
  let look: Look = {};
  let wraps = true;
  const line = () => {
    while (lines.length <= row) lines.push([]);
    return lines[row] ?? [];
  };
  const put = (character: string) => {
    if (column === columns) [row, column] = wraps ? [row + 1, 0] : [row, columns - 1];
    const cells = line();
    while (cells.length < column) cells.push({ character: " " });
    cells[column] = { character, ...look };
    column += 1;
  };
  const control = (command: string, given: string) => {
    const number = Number(given || 1);
    const top = Math.max(0, lines.length - rows);
    if (command === "m")
      look = given.split(";").reduce((before, code) => restyle(before, Number(code)), look);
    else if (command === "K" && given === "2") lines[row] = [];
    else if (command === "K" && (given === "" || given === "0"))
      line().length = Math.min(line().length, column);
    else if (command === "J" && (given === "" || given === "0")) {
      line().length = Math.min(line().length, column);
      lines.length = row + 1;
    } else if (command === "A") row = Math.max(top, row - number);
    else if (command === "B") row += number;
    else if (command === "F") [row, column] = [Math.max(top, row - number), 0];
    else if (command === "G") column = number - 1;
    else if (given === "?7") wraps = command === "h";
    // Cursor shown or hidden, and updates that are drawn at once.
    else if (!/^\?(25|2026|2004)$/.test(given) || !/^[hl]$/.test(command)) {
      throw new RangeError(`Escape sequence "${given}${command}" is not understood.`);
    }
  };
  for (const [token, given, command] of written.matchAll(tokens)) {
    if (command !== undefined) control(command, given ?? "");
    else if (token === "\n") row += 1;
    else if (token === "\r") column = 0;
    else put(token);
  }
  while (lines.length > 0 && lines.at(-1)?.length === 0) lines.pop();
  return lines.slice(-rows).map(spansOf);
}

function restyle(look: Look, code: number): Look {
  if (code === 0) return {};
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: undefined, dim: undefined };
  if (code === 39) return { ...look, colour: undefined };
  const colour = colours[code % 60 < 40 && code > 89 ? code - 60 : code];
  if (colour === undefined) throw new RangeError(`Look ${code} is not understood.`);
  return { ...look, colour };
}

function spansOf(cells: readonly Cell[]): Span[] {
  const spans: Span[] = [];
  for (const { character, ...look } of cells) {
    const last = spans.at(-1);
    const isSame =
      last !== undefined && last.colour === look.colour && last.bold === look.bold && last.dim === look.dim;
    if (isSame) spans[spans.length - 1] = { ...last, text: last.text + character };
    else spans.push({ text: character, ...look });
  }
  return spans;
}
