import { stripVTControlCharacters } from "node:util";
import type { Environment } from "../../core/process/environment.ts";
import { columnsOf } from "./live/layout.ts";

export interface OutputStream {
  readonly write: (text: string, done?: (error?: Error | null) => void) => boolean;
  readonly on: (event: "error", listener: (error: Error) => void) => unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface Terminal {
  /** Standard error is a terminal on which lines may be redrawn. */
  readonly live: boolean;
  /** Standard output is a terminal, which the text of others could steer. */
  readonly printsToTerminal: boolean;
  /** Results, to standard output; a newline is added where none is. */
  readonly print: (text: string) => void;
  /** A line of progress or log, to standard error. */
  readonly note: (line: string) => void;
  /** Puts lines below all that was said, in place of those there; none takes them away. Only where `live`. */
  readonly show: (lines: readonly string[]) => void;
  /** In characters; 80 by 24 where standard error does not say. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Yellow or red on a terminal with colours, unchanged elsewhere. */
  readonly paint: (colour: "yellow" | "red", text: string) => string;
  /** Resolves once everything was handed to the system. */
  readonly flush: () => Promise<void>;
}

export interface TerminalOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
  /** Called once when nobody reads standard output any more. */
  readonly onBrokenOutput: () => void;
}

const set = (value: string | undefined) => value !== undefined && value !== "" && value !== "false";

/** Terminals that break rows anew when they become narrower make themselves known by one of these. */
const reflowing = [
  "VTE_VERSION",
  "KITTY_WINDOW_ID",
  "KONSOLE_VERSION",
  "ALACRITTY_WINDOW_ID",
  "TERM_PROGRAM",
  "TMUX",
  "WT_SESSION",
];

/** Opens the terminal. Live lines need a terminal that is not "dumb" and no CI; colours no NO_COLOR either. */
export function openTerminal({ stdout, stderr, env, onBrokenOutput }: TerminalOptions): Terminal {
  const live = stderr.isTTY === true && env.TERM !== "dumb" && !set(env.CI);
  const coloured = live && !(env.NO_COLOR !== undefined && env.NO_COLOR !== "");
  // 0: a terminal that does not know its size.
  const size = () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 });
  const reflows = reflowing.some((name) => env[name] !== undefined);
  const block = openBlock(
    (text) => stderr.write(text),
    () => size().columns,
    reflows,
  );
  let broken = false;
  stdout.on("error", (error) => {
    if (broken) return;
    broken = true;
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") note(`Cannot write results: ${error.message}`);
    onBrokenOutput();
  });
  // Without a reader of progress there is nobody to tell; the work goes on.
  stderr.on("error", () => undefined);

  const withNewline = (text: string) => (text.endsWith("\n") ? text : `${text}\n`);
  const note = (line: string) => block.above(() => stderr.write(withNewline(line)));
  return {
    live,
    printsToTerminal: stdout.isTTY === true,
    print: (text) => {
      if (!broken) block.above(() => stdout.write(withNewline(text)));
    },
    note,
    show: (lines) => {
      if (live) block.draw(lines);
    },
    size,
    paint: (colour, text) => (coloured ? `\x1b[${colour === "red" ? 31 : 33}m${text}\x1b[39m` : text),
    flush: async () => {
      const drained = (stream: OutputStream) =>
        new Promise<void>((resolve) => {
          stream.write("", () => resolve());
        });
      await Promise.all([broken ? undefined : drained(stdout), drained(stderr)]);
    },
  };
}

/** Held back until its end by terminals that know it, so that nobody sees half of a change. */
const together = (sequence: string) => `\x1b[?2026h${sequence}\x1b[?2026l`;

/**
 * The cursor waits in the row below the lines: wherever the process is stopped, the shell goes on there. The terminal
 * does not wrap while they are drawn, so a line that is wider than expected still takes one row. They are drawn again
 * when the terminal's width changes.
 * @param reflows rows that become too long are put on several: else going up too far would take away what stands above
 */
function openBlock(write: (text: string) => void, columns: () => number, reflows: boolean) {
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
    /** Puts these lines in place of those that stand; none takes them away. */
    draw,
    /** Takes the lines away for what `act` writes, and puts them back below. */
    above: (act: () => void) => {
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
