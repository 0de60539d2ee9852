import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LineLog } from "../../../src/core/documents/line-log.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const line = (number: number) => `{"number":${number}}\n`;

test("lines are in the file when they are appended, and read from any line on, in whole lines", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  using file = new LineLog(path);
  for (let number = 0; number < 3; number++) file.append(line(number));
  const text = await readFile(path, "utf8");
  const length = text.indexOf("\n") + 1;
  expect(file.read(0, 1000).toString()).toBe(text);
  expect(file.read(length, 1000).toString()).toBe(text.slice(length));
  expect(file.read(0, length + 3).toString()).toBe(text.slice(0, length));
  expect(file.read(text.length, 1000).length).toBe(0);
  expect(file.read(text.length + 5, 1000).length).toBe(0);
});

test("half a line that a killed process left is cut off, and what is there is told to the next life", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  {
    using file = new LineLog(path);
    file.append(line(1));
    file.append(Buffer.from(line(2)));
  }
  await appendFile(path, '{"number":');
  const found: string[] = [];
  using file = new LineLog(path, (text) => found.push(`${text}\n`));
  expect(found).toEqual([line(1), line(2)]);
  expect(file.bytes).toBe(2 * line(1).length);
  file.append(line(3));
  expect(file.read(0, 1000).toString()).toBe(line(1) + line(2) + line(3));
});
