/** Commands on a terminal of their own, as a person has one: through `script` of util-linux, which Debian always has. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { until } from "../../src/core/async.ts";
import { quoteArgv } from "../../src/core/text/quote.ts";

const { stdout: version } = spawnSync("script", ["--version"], { encoding: "utf8", stdio: "pipe" });

/** Why commands cannot be given a terminal here; undefined where they can. */
export const whyNoPseudoTerminal = version?.includes("util-linux")
  ? undefined
  : "there is no `script` of util-linux";

export interface PseudoTerminalOptions {
  /** Default 80. */
  readonly cols?: number;
  /** Default 24. */
  readonly rows?: number;
  /** All of the command's environment; PATH and TERM (xterm-256color) are added where it has none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Current folder of the command. */
  readonly cwd?: string;
}

/** A command on its terminal. Disposing takes the terminal away (SIGHUP), and waits until nobody holds it any more. */
export interface PseudoTerminal extends AsyncDisposable {
  /** All that came to the screen so far, what was typed and control sequences among it; lines end with \r\n. */
  readonly screen: () => string;
  /**
   * Resolves with what came to the screen up to the end of the next match, from behind the last one on; fails where
   * the command ends without it.
   *
   * @param withinMs default: two minutes
   */
  readonly expect: (wanted: string | RegExp, withinMs?: number) => Promise<string>;
  /** Types this: "\r" is Enter, "\x03" Ctrl-C, "\x04" Ctrl-D. */
  readonly send: (text: string) => void;
  /** Changes the size, which the command is told by SIGWINCH. */
  readonly resize: (cols: number, rows: number) => void;
  /** The exit code; of a command that a signal ended, 128 and its number. */
  readonly ended: Promise<number>;
}

/** Sets the size, tells the terminal's name, and becomes the command. */
const begin = 'stty cols "$1" rows "$2" && tty && shift 2 && exec "$@"';

/** Starts a command on a new terminal. */
export async function spawnOnTerminal(
  argv: readonly string[],
  { cols = 80, rows = 24, env = process.env, cwd }: PseudoTerminalOptions = {},
): Promise<PseudoTerminal> {
  const line = quoteArgv(["sh", "-c", begin, "sh", String(cols), String(rows), ...argv]);
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    cwd,
    env: { PATH: process.env.PATH, TERM: "xterm-256color", ...env, SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
  });
  // Who types into a terminal that has gone is not to be told by an exception.
  child.stdin.on("error", () => undefined);
  const ended = once(child, "close").then(([code]) => (code as number | null) ?? 128);
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  let seen = 0;
  const expect = async (wanted: string | RegExp, withinMs = 120_000): Promise<string> => {
    const find = () => {
      const rest = screen.slice(seen);
      const at = typeof wanted === "string" ? rest.indexOf(wanted) : rest.search(wanted);
      const length = typeof wanted === "string" ? wanted.length : (wanted.exec(rest)?.[0].length ?? 0);
      return at < 0 ? undefined : rest.slice(0, at + length);
    };
    const describe = () => `the terminal never showed ${String(wanted)}:\n${screen}`;
    const options = { timeoutMs: withinMs, everyMs: 5, describe };
    const found = await until(() => find() ?? (isOver ? false : undefined), options);
    if (found === false) throw new Error(describe());
    seen += found.length;
    return found;
  };
  const [, tty = ""] = /^(\/dev\/\S+)\r\n/.exec(await expect("\r\n")) ?? [];
  screen = screen.slice(seen);
  seen = 0;
  return {
    screen: () => screen,
    expect,
    send: (text) => child.stdin.write(text),
    resize: (newCols, newRows) => {
      const size = ["cols", String(newCols), "rows", String(newRows)];
      const { status, stderr } = spawnSync("stty", ["-F", tty, ...size], { encoding: "utf8" });
      if (status !== 0) throw new Error(`stty failed on ${tty}: ${stderr}`);
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
