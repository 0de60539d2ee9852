/** Lines at the bottom of a terminal that are redrawn in place: nothing else may be written while they stand. */

import { stripVTControlCharacters } from "node:util";
import { columnsOf } from "./live/layout.ts";

/** Held back until its end by terminals that know it, so that nobody sees half of a change. */
const together = (sequence: string) => `\x1b[?2026h${sequence}\x1b[?2026l`;

export interface Block {
  /** Puts these lines in place of those that stand; none takes them away. */
  readonly draw: (lines: readonly string[]) => void;
  /** Takes the lines away for what `write` does, and puts them back below. */
  readonly above: (write: () => void) => void;
}

export interface BlockTerminal {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  /** Rows that become too long are put on several. Else going up too far would take away what stands above. */
  readonly reflows: boolean;
}

/**
 * The cursor waits in the row below the lines: wherever the process is stopped, the shell goes on there. The terminal
 * does not wrap while they are drawn, so a line that is wider than expected still takes one row. They are drawn again
 * when the terminal's width changes.
 */
export function openBlock({ write, columns, reflows }: BlockTerminal): Block {
  let shown: readonly string[] = [];
  let shownColumns = 0;
  const rowsOf = (line: string) => {
    const length = Math.min(shownColumns, columnsOf(stripVTControlCharacters(line)));
    return reflows ? Math.max(1, Math.ceil(length / columns())) : 1;
  };
  const toTop = () => {
    const rows = shown.reduce((sum, line) => sum + rowsOf(line), 0);
    return rows === 0 ? "" : `\r\x1b[${rows}A`;
  };
  const drawn = (lines: readonly string[]) =>
    `\x1b[?7l${lines.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J\x1b[?7h`;
  const draw = (lines: readonly string[]) => {
    const isSame = lines.length === shown.length && lines.every((line, index) => line === shown[index]);
    if (isSame && (lines.length === 0 || columns() === shownColumns)) return;
    write(together(toTop() + drawn(lines)));
    shown = lines;
    shownColumns = columns();
  };
  return {
    draw,
    above: (act) => {
      if (shown.length === 0) {
        act();
        return;
      }
      write(`\x1b[?2026h${toTop()}\x1b[J`);
      act();
      write(`${drawn(shown)}\x1b[?2026l`);
    },
  };
}
