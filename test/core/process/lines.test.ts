import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { ProcessLines } from "../../../src/core/process/lines.ts";

const signal = new AbortController().signal;

function open() {
  const stdout = new PassThrough();
  return { stdout, lines: new ProcessLines({ stdout, stdin: new PassThrough() }) };
}

describe("lines of a process", () => {
  test("come whole, however they were cut, and end with the last whole one", async () => {
    const { stdout, lines } = open();
    for (const part of ["on", "e\ntw", "o\n", "\nthr"]) stdout.write(part);
    stdout.end();
    const read = [await lines.next(signal), await lines.next(signal), await lines.next(signal)];
    expect([...read, await lines.next(signal)]).toEqual(["one", "two", "", undefined]);
    expect(lines.hasFlooded).toBe(false);
  });

  test.each([
    ["without an end of line", "x".repeat(64 * 1024)],
    ["that nobody reads", "nothing\n".repeat(8 * 1024)],
  ])("a flood %s is cut off at 1 MiB, and its source closed", async (_, chunk) => {
    const { stdout, lines } = open();
    let written = 0;
    while (!stdout.destroyed && written < 8 * 1024 ** 2) {
      stdout.write(chunk);
      written += chunk.length;
      await new Promise(setImmediate);
    }
    expect([lines.hasFlooded, stdout.destroyed]).toEqual([true, true]);
    expect(written).toBeLessThan(1.2 * 1024 ** 2);
  });

  test("what is read does not count: lines may come without end", async () => {
    const { stdout, lines } = open();
    for (let i = 0; i < 4000; i++) {
      stdout.write(`${"é".repeat(500)}\n`);
      expect(await lines.next(signal)).toHaveLength(500);
    }
    expect(lines.hasFlooded).toBe(false);
  });
});
