import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDotenv } from "../../../src/options/hosts/dotenv.ts";

const read = (text: string) => {
  const { assignments, diagnostics } = parseDotenv(text, "hosts.env");
  return {
    values: assignments.map(({ name, value, line }) => [name, value, line]),
    diagnostics: diagnostics.map(({ message }) => message),
  };
};

describe("parseDotenv", () => {
  test.each<[string, string, unknown[]]>([
    ["a plain value", "A=b", [["A", "b", 1]]],
    ["nothing", "", []],
    ["blank lines and comments", "\n# A=1\n   \n  A=2", [["A", "2", 4]]],
    ["an empty value", "A=", [["A", "", 1]]],
    ["export", "export  A=1", [["A", "1", 1]]],
    ["spaces around it", "  A = b c  ", [["A", "b c", 1]]],
    ["a comment behind it", "A=b # c", [["A", "b", 1]]],
    ["a comment instead of it", "A= # c", [["A", "", 1]]],
    ["# inside a word", "A=b#c", [["A", "b#c", 1]]],
    ["= inside it", "A=b=c", [["A", "b=c", 1]]],
    ["single quotes, as it stands", "A='b # \\n \"c\" '", [["A", 'b # \\n "c" ', 1]]],
    ["double quotes, with escapes", 'A="b # \\"c\\"\\n\\\\ \\$d"', [["A", 'b # "c"\n\\ $d', 1]]],
    ["a comment behind quotes", "A='b' # c", [["A", "b", 1]]],
    [
      "lines of Windows, and a byte order mark",
      "\ufeffA=1\r\nB=2\r\n",
      [
        ["A", "1", 1],
        ["B", "2", 2],
      ],
    ],
    ["nothing is expanded or run", "A=$HOME `id` $(id)", [["A", "$HOME `id` $(id)", 1]]],
    [
      "a name given twice",
      "A=1\nA=2",
      [
        ["A", "1", 1],
        ["A", "2", 2],
      ],
    ],
    [
      "separators of lines that end none",
      'A="1\u20282"\nB=3\u20294',
      [
        ["A", "1\u20282", 1],
        ["B", "3\u20294", 2],
      ],
    ],
  ])("reads %s", (_, text, values) => {
    expect(read(text)).toEqual({ values, diagnostics: [] });
  });

  const mismatch = (line: number) =>
    `hosts.env:${line}: the quotes of A do not match. Close them on the same line, with nothing after them.`;
  const noPair = (line: number) =>
    `hosts.env:${line}: not of the form NAME=value. Correct the line, or put # before it.`;
  test.each<[string, string, string[]]>([
    ["a line without =", "A=1\nsecret words", [noPair(2)]],
    [
      "prose, of which a few lines are told",
      "Dear all,\n".repeat(7),
      [
        ...[1, 2, 3, 4, 5].map(noPair),
        "hosts.env: 2 more lines are not of the form NAME=value. Use a hosts file; hosts.example.env is an example.",
      ],
    ],
    ["a name that is none", "1A=1\nA-B=2\n=3", [noPair(1), noPair(2), noPair(3)]],
    ["quotes that are not closed", 'A=\'b\nA="b\\"', [mismatch(1), mismatch(2)]],
    ["something behind quotes", "A='b'c", [mismatch(1)]],
  ])("refuses %s, by line and without quoting it", (_, text, diagnostics) => {
    expect(read(text).diagnostics).toEqual(diagnostics);
  });

  test("what is quoted comes back, whatever is in it", () => {
    const quote = (value: string) =>
      `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}"`;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        expect(read(`A=${quote(value)}`)).toEqual({ values: [["A", value, 1]], diagnostics: [] });
      }),
    );
  });
});
