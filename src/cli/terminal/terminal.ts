import type { Environment } from "../../core/process/environment.ts";
import { openBlock } from "./block.ts";

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
  const block = openBlock({
    write: (text) => stderr.write(text),
    columns: () => size().columns,
    reflows: reflowing.some((name) => env[name] !== undefined),
  });
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
