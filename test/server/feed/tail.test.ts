import { appendFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LineTail } from "../../../src/server/feed/tail.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

async function read(tail: LineTail, onShrunk = () => {}) {
  const lines: (string | undefined)[] = [];
  let offset = 0;
  for await (const some of tail.read(onShrunk)) {
    for (const { text, endOffset } of some) {
      lines.push(text);
      offset = endOffset;
    }
  }
  return { lines, offset };
}

test("lines are told once and whole, however they come", async () => {
  await using folder = await openTemporaryFolder();
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme" })),
      fc.integer({ min: 1, max: 9 }),
      async (texts, parts) => {
        const wanted = texts.map((text) => text.replaceAll(/\n/g, " "));
        const bytes = Buffer.from(wanted.map((text) => `${text}\n`).join(""));
        const path = join(folder.path, `${number++}`);
        await writeFile(path, "");
        const tail = new LineTail(path, folder.path);
        const seen: (string | undefined)[] = [];
        for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / parts)) {
          await appendFile(path, bytes.subarray(at, at + Math.ceil(bytes.length / parts)));
          seen.push(...(await read(tail)).lines);
        }
        expect(seen).toEqual(wanted);
      },
    ),
    { numRuns: 50 },
  );
});

test("a line without an end is waited for, and one that is too long is passed over", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  const tail = new LineTail(path, folder.path);
  await writeFile(path, "one\ntw");
  expect(await read(tail)).toEqual({ lines: ["one"], offset: 4 });
  await appendFile(path, `o\n${"x".repeat(3 * 1024 * 1024)}`);
  expect((await read(tail)).lines).toEqual(["two"]);
  await appendFile(path, "\nthree\n");
  expect((await read(tail)).lines).toEqual([undefined, "three"]);
});

test("a file that was cut off is read anew", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  const tail = new LineTail(path, folder.path);
  await writeFile(path, "one\ntwo\n");
  await read(tail);
  await truncate(path, 4);
  let shrunk = 0;
  const { lines } = await read(tail, () => shrunk++);
  expect({ lines, shrunk }).toEqual({ lines: ["one"], shrunk: 1 });
});

test("a link is not followed", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  await symlink("/etc/passwd", path);
  await expect(read(new LineTail(path, folder.path))).rejects.toThrow(/regular file/);
});
