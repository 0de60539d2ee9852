import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { quoteArgv } from "../../../src/core/text/quote.ts";

/** The words that a shell makes of a command line. */
function wordsSeenBy(shell: string, line: string): string[] {
  const { stdout, status, stderr } = spawnSync(shell, ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${shell} failed: ${stderr}`);
  return stdout.split("\0").slice(0, -1);
}

const nasty = fc.constantFrom(
  "$(touch /tmp/never)",
  "`id`",
  "; exit 3",
  "'",
  '"',
  "\\",
  "\n",
  "--",
  "-rf",
  "a b",
  "",
  "*",
  "~",
  "~root",
  "A=b",
  "#",
  "!",
  "{a,b}",
  "$'x'",
  "é 漢 🐋",
  "\r\t",
);
// Lone surrogates are no characters: they cannot be written in UTF-8.
const word = fc.oneof(
  fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
  nasty,
  fc.array(nasty).map((parts) => parts.join("")),
);

test.each(["sh", "bash"])("%s makes the very words of a quoted line", (shell) => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (words) => {
      expect(wordsSeenBy(shell, quoteArgv(words))).toEqual(words);
    }),
    { numRuns: 30 },
  );
});

test("the first word is a command, never an assignment or a keyword's sign", () => {
  expect(quoteArgv(["A=b", "!"])).toBe("'A=b' '!'");
});

test("plain words stay readable", () => {
  expect(quoteArgv(["docker", "logs", "--tail", "5", "/a/b.c"])).toBe("docker logs --tail 5 /a/b.c");
});

test("a NUL is refused, since no process can be given one", () => {
  expect(() => quoteArgv(["printf", "a\0b"])).toThrow(/NUL/);
});
