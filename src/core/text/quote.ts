/** The one place where words are made safe for a shell. */
import { InvalidArgumentError } from "../errors.ts";

/** What no POSIX shell gives a meaning, wherever it stands in a command: `=` only where it is no assignment. */
const plainWord = /^(?:-[\w@%+=:,./-]*|[\w@%+:,./-]+)$/;

/**
 * A command line from which a POSIX shell makes exactly these words.
 * @param argv the command's name and its arguments, whatever is in them but NUL
 * @throws InvalidArgumentError for a NUL, which no process can be given
 * @see POSIX.1-2024 Shell Command Language, 2.2.2 Single-Quotes
 */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  if (word.includes("\0")) {
    throw new InvalidArgumentError(
      "A command argument contains a NUL character, which cannot be passed to a process.",
    );
  }
  if (plainWord.test(word)) return word;
  // The backslash too stands outside of the quotes: to fish, which a user's login shell may be, it escapes within them.
  return `'${word.replaceAll(/['\\]/g, (character) => `'\\${character}'`)}'`;
}
