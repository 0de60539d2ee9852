import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineTooLongError, openLineCutter, readLines } from "../../../src/load/messages/lines.ts";

test("lines come out as they went in, however they were cut on the way", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", "␤"))),
      fc.array(fc.integer({ min: 1, max: 7 })),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const got: string[] = [];
        const take = openLineCutter((line) => got.push(line));
        let from = 0;
        for (const cut of cuts) {
          take(bytes.subarray(from, from + cut));
          from += cut;
        }
        take(bytes.subarray(from));
        expect(got).toEqual(lines);
      },
    ),
  );
});

test("a line that does not end is refused before it fills the memory", () => {
  const take = openLineCutter(() => {}, 10);
  take(Buffer.from("0123456789\n01234"));
  expect(() => take(Buffer.from("567890"))).toThrow(LineTooLongError);
});

describe("a stream of lines", () => {
  const open = () => {
    const stream = new PassThrough();
    const lines: string[] = [];
    const ends: unknown[] = [];
    readLines(stream, {
      line: (line) => {
        if (line === "bad") throw new Error("no such thing");
        lines.push(line);
      },
      end: (error) => ends.push(error),
    });
    return { stream, lines, ends };
  };

  test("ends once, and what follows the last line break is no line", async () => {
    const { stream, lines, ends } = open();
    stream.end("one\ntwo\nthr");
    await finished(stream);
    expect([lines, ends]).toEqual([["one", "two"], [undefined]]);
  });

  test("ends where its taker fails, and tells why", async () => {
    const { stream, lines, ends } = open();
    stream.end("one\nbad\ntwo\n");
    await finished(stream);
    expect([lines, ends]).toEqual([["one"], [new Error("no such thing")]]);
  });

  test("ends with the failure of its stream", async () => {
    const { stream, ends } = open();
    stream.destroy(new Error("cut"));
    await finished(stream).catch(() => {});
    expect(ends).toEqual([new Error("cut")]);
  });
});
