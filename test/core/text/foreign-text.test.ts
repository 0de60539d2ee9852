import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatForeign, formatForeignLines } from "../../../src/core/text/foreign-text.ts";

const steering = /[^\P{Cc}\n\t]|\p{Cf}|[\u2028\u2029]/u;

describe("foreign text", () => {
  test.each([
    ["colours go", "\x1b[1;31mred\x1b[0m and \x1b[38:5:2mgreen", "red and green"],
    ["a title is readable", "\x1b]0;title\x07", "\\u001b]0;title\\u0007"],
    ["a clear is readable", "\x1b[2J", "\\u001b[2J"],
    ["C1 is readable", "\x9b2J", "\\u009b2J"],
    ["letters keep their order", "a\u202eb\u2066c", "a\\u202eb\\u2066c"],
    ["tags of two units", "\u{e0041}", "\\udb40\\udc41"],
    ["a carriage return hides nothing", "bad\rgood", "bad\\u000dgood"],
    ["lines and tabs stay", "one\r\n\ttwo\n", "one\n\ttwo\n"],
    ["letters stay", "日本 é 🐳 ±", "日本 é 🐳 ±"],
  ])("%s", (_, text, shown) => {
    expect(formatForeignLines(text)).toBe(shown);
  });

  test("on one line", () => {
    expect(formatForeign(" one\r\n\ttwo\u2028three\rfour\x07\n")).toBe("one two three four\\u0007");
  });

  test("whatever it is, it steers nothing, and a JSON document stays the same document", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, fc.jsonValue(), (foreign, value) => {
        expect(formatForeignLines(foreign)).not.toMatch(steering);
        expect(formatForeign(foreign)).not.toMatch(/[\n\t]/);
        expect(formatForeignLines(formatForeignLines(foreign))).toBe(formatForeignLines(foreign));
        const document = JSON.stringify({ foreign, value }, null, 2);
        expect(JSON.parse(formatForeignLines(document))).toEqual(JSON.parse(document));
      }),
    );
  });
});
