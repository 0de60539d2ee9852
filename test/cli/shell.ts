/** Shells at a terminal, which are asked for completions as somebody who types asks for them. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { until } from "../../src/core/async.ts";
import { quoteArgv } from "../../src/core/text/quote.ts";

export type Shell = "bash" | "zsh" | "fish";

/** Why a shell cannot be asked here. */
export function whyNotAsked(shell: Shell): string | undefined {
  const [name, ...args] = shell === "fish" ? ["fish", "--version"] : ["script", "--version"];
  if (spawnSync(String(name), args, { stdio: "ignore" }).error !== undefined)
    return `${name} is not installed`;
  if (spawnSync(shell, ["--version"], { stdio: "ignore" }).error !== undefined)
    return `${shell} is not installed`;
  return undefined;
}

export interface AskedShell extends AsyncDisposable {
  /** All completions of a line's last word. */
  readonly complete: (line: string) => Promise<string[]>;
}

interface Place {
  readonly script: string;
  readonly cwd: string;
}

export async function openShell(shell: Shell, place: Place): Promise<AskedShell> {
  return shell === "fish" ? askFish(place) : await openTerminalShell(shell, place);
}

/** fish tells what it would show. */
function askFish({ script, cwd }: Place): AskedShell {
  return {
    complete: async (line) => {
      const code = `source $argv[1]; complete -C $argv[2]`;
      const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", code, script, line], {
        cwd,
        encoding: "utf8",
      });
      if (stderr !== "") throw new Error(stderr);
      return stdout.split("\n").flatMap((one) => (one === "" ? [] : String(one.split("\t")[0])));
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

const prompt = "READY> ";
/** What makes a shell put all matches into the line, and then whatever is to be typed for them. */
const settings = {
  bash: { argv: "bash --norc --noprofile -i", prepare: "", insertAll: "\u001b*" },
  zsh: {
    argv: "zsh -f -i",
    prepare: [
      "setopt nobeep; autoload -Uz compinit; compinit -u -d ./zcompdump",
      "zle -C all-matches complete-word _generic; bindkey '^Xa' all-matches",
      "zstyle ':completion:all-matches:*' completer _all_matches _complete; zstyle ':completion:all-matches:*' insert true",
    ].join("; "),
    insertAll: "\u0018a",
  },
} as const;

/** Others are asked through a terminal: the line is typed, all matches are put into it, and it is printed. */
async function openTerminalShell(shell: "bash" | "zsh", { script, cwd }: Place): Promise<AskedShell> {
  const { argv, prepare, insertAll } = settings[shell];
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    PS1: prompt,
    TERM: "xterm",
    COLUMNS: "2000",
    LC_ALL: "C.UTF-8",
  };
  const child = spawn("script", ["-qfec", `stty cols 2000; exec ${argv}`, "/dev/null"], { cwd, env });
  let seen = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen += text;
  });
  const type = (text: string) => child.stdin.write(text);
  let turn = 0;
  const run = async (line: string): Promise<string> => {
    turn += 1;
    const [begin, end] = [seen.length, `END${turn}:\r\n`];
    // Ctrl-U: what is left of a line before.
    type(`\u0015${line}`);
    const describe = () => `the shell does not answer:\n${seen.slice(begin)}`;
    return await until(() => (seen.slice(begin).includes(end) ? seen.slice(begin) : undefined), {
      timeoutMs: 60_000,
      everyMs: 20,
      describe,
    });
  };
  // What is typed is shown as well, and must not be taken for what is printed.
  const mark = () => `; printf 'END%s:\\n' ${turn + 1}\r`;
  await run(`${prepare === "" ? "true" : prepare}; ${quoteArgv(["source", script])}${mark()}`);
  return {
    complete: async (line) => {
      // Ctrl-A and Ctrl-E go to the line's begin and end.
      const print = `\u0001printf 'GOT:%s:\\n' \u0005`;
      const output = await run(`${line}${insertAll}${print}${mark()}`);
      const words = [...output.matchAll(/GOT:([^%\r\n]*):\r?\n/g)].map(([, word]) => String(word));
      const [before] = [line.trimEnd().split(/\s+/).length - (line.endsWith(" ") ? 0 : 1)];
      return words.slice(before);
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** The terminal ends with its shell. */
async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "close");
  child.stdin?.end("\u0015exit\r");
  const limit = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(limit);
}
