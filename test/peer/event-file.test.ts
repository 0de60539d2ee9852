import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PeerEvent } from "../../src/contracts/load/peer-events.ts";
import { EventFile } from "../../src/peer/event-file.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const state = (bytes: number): PeerEvent => ({ type: "state", at: 1, bytes });

test("events are in the file when they are told, and read from any line on, in whole lines", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "events.ndjson");
  using file = new EventFile(path);
  for (let bytes = 0; bytes < 3; bytes++) file.append(state(bytes));
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
    using file = new EventFile(path);
    file.append(state(1));
    file.append(state(2));
  }
  await appendFile(path, '{"type":"sta');
  const found: PeerEvent[] = [];
  using file = new EventFile(path, (event) => found.push(event));
  expect(found).toEqual([state(1), state(2)]);
  file.append(state(3));
  expect(
    file
      .read(0, 1000)
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([state(1), state(2), state(3)]);
});
