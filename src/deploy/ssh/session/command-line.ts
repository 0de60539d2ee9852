/** What is sent to a host's shell so that a command runs there, and can be ended there. Pure. */
import { InvalidArgumentError } from "../../../core/errors.ts";
import { quoteArgv } from "../../../core/text/quote.ts";

export interface RemoteGroup {
  readonly id: string;
  /** Start of the group's leader, in ticks since boot: so that a later group of the same id is not taken for it. */
  readonly leaderStart: string;
}

/** Linux takes no longer words (MAX_ARG_STRLEN), and the line is one word for the user's shell. */
const longestLineBytes = 128 * 1024 - 1;

/** Programs of administrators are often not on the path of a login that is no terminal's. */
const path = `PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"`;

/** Of a process's line in /proc, after the name: field 5 is the group, field 22 the start. */
const groupOf = `s=\${s##*) }; g=\${s#* }; g=\${g#* }; g=\${g%% *}`;
const startOf = `t=\${s##*) }; t=\${t#${"* ".repeat(19)}}; t=\${t%% *}`;

const startScript =
  `export ${path}; { read -r s </proc/$$/stat; ${groupOf}; s=$(cat "/proc/$g/stat"); ${startOf}; } 2>/dev/null; ` +
  'echo "$0 $g $t" >&2; exec "$@"';

const endScript =
  '[ "$1" -gt 1 ] || exit 0; ' +
  `if s=$(cat "/proc/$1/stat" 2>/dev/null); then ${startOf}; [ "$t" = "$2" ] || exit 0; fi; ` +
  'kill -s TERM -- "-$1" 2>/dev/null || exit 0; i=0; ' +
  'while [ $i -lt 20 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 0.1; i=$((i+1)); done; ' +
  'kill -s KILL -- "-$1" 2>/dev/null || exit 0; i=0; ' +
  'while [ $i -lt 10 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 0.1; i=$((i+1)); done; exit 0';

/**
 * A line that runs a command and first writes to its standard error what `readGroup` reads.
 *
 * The words reach the command untouched: a shell only starts it, and is replaced by it.
 *
 * @param mark a word that stands nowhere else in the output
 * @param viaSudo as root, by `sudo -n`
 */
export function formatStart(
  argv: readonly string[],
  { mark, viaSudo }: { readonly mark: string; readonly viaSudo: boolean },
): string {
  if (argv.length === 0) throw new InvalidArgumentError("A command needs at least a name.");
  return formatLine(startScript, { mark, argv, viaSudo });
}

/** A line that ends a group: asks it to, waits 2 s at most, kills it, and waits up to 1 s until it is gone. */
export function formatEnd(group: RemoteGroup, viaSudo: boolean): string {
  return formatLine(endScript, { mark: "sh", argv: [group.id, group.leaderStart], viaSudo });
}

function formatLine(
  script: string,
  { mark, argv, viaSudo }: { mark: string; argv: readonly string[]; viaSudo: boolean },
): string {
  // LC_ALL: what programs say is compared with what is known of them.
  const sudo = viaSudo ? ["env", "LC_ALL=C", "sudo", "-n", "--"] : [];
  const line = `exec ${quoteArgv([...sudo, "env", "LC_ALL=C", "sh", "-c", script, mark, ...argv])}`;
  const lineBytes = Buffer.byteLength(line);
  if (lineBytes > longestLineBytes) {
    throw new InvalidArgumentError(
      `The command ${argv[0]} is ${lineBytes} bytes long with its arguments, more than a host accepts (${longestLineBytes}). Send the content over its standard input.`,
    );
  }
  return line;
}

/**
 * Looks for the first line of a command in what came of its standard error so far.
 *
 * @returns the group and what follows that line; what stands before it is the login shell's
 */
export function readGroup(
  stderr: Buffer,
  mark: string,
): { readonly group: RemoteGroup; readonly rest: Buffer } | undefined {
  const start = stderr.indexOf(`${mark} `);
  const end = start < 0 ? -1 : stderr.indexOf("\n", start);
  if (end < 0) return undefined;
  const [, id = "", leaderStart = ""] = stderr.toString("latin1", start, end).split(" ");
  return { group: { id, leaderStart }, rest: stderr.subarray(end + 1) };
}
