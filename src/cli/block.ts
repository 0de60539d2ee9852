/** Lines at the bottom of a terminal that are redrawn in place: nothing else may be written while they stand. */

/** Held back until its end by terminals that know it, so that nobody sees half of a change. */
const together = (sequence: string) => `\x1b[?2026h${sequence}\x1b[?2026l`;

export interface Block {
  /** Puts these lines in place of those that stand; none takes them away. */
  readonly draw: (lines: readonly string[]) => void;
  /** Takes the lines away for what `write` does, and puts them back below. */
  readonly above: (write: () => void) => void;
}

/**
 * The cursor waits in the row below the lines: wherever the process is stopped or killed, the shell goes on there. The
 * terminal is told not to wrap while they are drawn, so a line that is wider than it seems takes one row still.
 *
 * @param columns of the terminal now, so that lines are drawn anew when it has changed
 */
export function openBlock(write: (text: string) => void, columns: () => number): Block {
  let shown: readonly string[] = [];
  let shownColumns = 0;
  const toTop = () => (shown.length === 0 ? "" : `\r\x1b[${shown.length}A`);
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
