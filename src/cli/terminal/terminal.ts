import { stripVTControlCharacters } from "node:util";
import type { Environment } from "../../core/process/environment.ts";
import { formatForeignLines, type Line, type Piece } from "../../core/text/foreign-text.ts";
import { columnsOf } from "./live/layout.ts";

export interface OutputStream {
  readonly write: (text: string, done?: (error?: Error | null) => void) => boolean;
  readonly on: (event: "error", listener: (error: Error) => void) => unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/**
 * Nothing that is shown can steer the terminal, whoever wrote it: control characters become readable here, for all
 * commands. Colours are no part of a text.
 */
export interface Terminal {
  /** Standard error is a terminal on which lines may be redrawn. */
  readonly live: boolean;
  /** Results, to standard output; a newline is added where none is. */
  readonly print: (text: string | readonly Line[]) => void;
  /** The same for what others wrote: as it is to a file or a pipe. */
  readonly printForeign: (text: string) => void;
  /** Progress or log, to standard error. Behind a label, which has a colour, further lines are indented. */
  readonly note: (text: string, label?: Label) => void;
  /** What is not worth showing, to the log file alone, if there is one. */
  readonly log: (text: string) => void;
  /** Puts lines below all that was said, in place of those there; none takes them away. Only where `live`. */
  readonly show: (lines: readonly Line[]) => void;
  /** In characters; 80 by 24 where standard error does not say. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Rows of the terminal that results are printed to; undefined where they go to a file or a pipe. */
  readonly resultRows: () => number | undefined;
  /** Resolves once everything was handed to the system. */
  readonly flush: () => Promise<void>;
}

const labelColours = { warning: "yellow", error: "red" } as const;
export type Label = keyof typeof labelColours;

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
  const render = (line: Line, hasColours = coloured) =>
    typeof line === "string"
      ? formatForeignLines(line)
      : line.map((piece) => paint(formatForeignLines(piece.text), hasColours && piece.colour)).join("");
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
  const note = (text: string, label?: Label) => {
    const line = render(label === undefined ? text : labelled(text, label));
    block.above(() => stderr.write(withNewline(line)));
  };
  const print = (text: string) => {
    if (!broken) block.above(() => stdout.write(withNewline(text)));
  };
  const printsToTerminal = stdout.isTTY === true;
  return {
    live,
    print: (text) => {
      const lines = typeof text === "string" ? [text] : text;
      print(lines.map((line) => render(line, coloured && printsToTerminal)).join("\n"));
    },
    printForeign: (text) => print(printsToTerminal ? formatForeignLines(text) : text),
    note,
    log: () => undefined,
    show: (lines) => {
      if (live) block.draw(lines.map((line) => render(line)));
    },
    size,
    resultRows: () => (printsToTerminal ? stdout.rows || 24 : undefined),
    flush: async () => {
      const drained = (stream: OutputStream) =>
        new Promise<void>((resolve) => {
          stream.write("", () => resolve());
        });
      await Promise.all([broken ? undefined : drained(stdout), drained(stderr)]);
    },
  };
}

const codes = { red: 31, yellow: 33 } as const;
const paint = (text: string, colour: Piece["colour"] | false) =>
  colour ? `\x1b[${codes[colour]}m${text}\x1b[39m` : text;

/** What a message holds cannot pass for a line of ours. */
const labelled = (text: string, label: Label): Line => [
  { text: `${label}:`, colour: labelColours[label] },
  { text: ` ${text.replaceAll(/\n(?=\S)/g, "\n  ")}` },
];

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
