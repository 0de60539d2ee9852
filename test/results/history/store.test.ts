import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claim, LockedError } from "../../../src/core/process/lock.ts";
import { addToHistory, pruneHistory, readHistory } from "../../../src/results/history/store.ts";
import { BundleReadError } from "../../../src/results/schema/read-error.ts";
import { keyed, sampleEntries, sampleSeries } from "../sample-history.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

const other = { ...sampleSeries, id: "ba9876543210", loadTps: 200 };
const entries = sampleEntries({ count: 6 });
const file = (folder: string) => join(folder, `${sampleSeries.id}.ndjson`);

const bundles = async (folder: string) => {
  const [first] = await readHistory(folder);
  return first?.entries.map(({ run }) => run);
};

test("what is added is read again, by series and by time, to six digits", async () => {
  await using folder = await makeTemporaryFolder();
  const path = join(folder.path, "new", "history");
  await addToHistory(path, keyed(entries.slice(3)));
  await addToHistory(path, [...keyed(entries.slice(0, 3)), ...keyed(entries, other)]);
  const stored = await readHistory(path);
  expect(stored.map(({ series }) => series)).toEqual([sampleSeries, other]);
  for (const { entries: read } of stored) {
    expect(read.map(({ at }) => at)).toEqual(entries.map(({ at }) => at));
    const value = entries[0]?.values.p50Latency?.[0] ?? 0;
    expect(read[0]?.values.p50Latency?.[0]).toBe(Number(value.toPrecision(6)));
  }
});

test("an entry that is there already is passed over, also within one command", async () => {
  await using folder = await makeTemporaryFolder();
  const first = await addToHistory(folder.path, keyed([...entries, ...entries.slice(0, 1)]));
  expect([first.added.length, first.known.length]).toEqual([6, 1]);
  const before = await readFile(file(folder.path), "utf8");
  const second = await addToHistory(folder.path, keyed(entries));
  expect([second.added.length, second.known.length]).toEqual([0, 6]);
  expect(await readFile(file(folder.path), "utf8")).toBe(before);
});

test("a line that was cut short is none, and the next one takes its place", async () => {
  await using folder = await makeTemporaryFolder();
  await addToHistory(folder.path, keyed(entries.slice(0, 2)));
  await appendFile(file(folder.path), '{"run":"run3","bun');
  expect(await bundles(folder.path)).toEqual(["run1", "run2"]);
  await addToHistory(folder.path, keyed(entries.slice(2, 3)));
  expect(await bundles(folder.path)).toEqual(["run1", "run2", "run3"]);
});

test("a folder that is not there has no series", async () => {
  expect(await readHistory("/nowhere/at/all")).toEqual([]);
});

test.each([
  ["not JSON\n", /line 1 is not JSON/],
  ['{"schema":"baleen.history/2"}\n', /line 1: schema is not baleen\.history\/1/],
])("%j is refused with its line", async (text, message) => {
  await using folder = await makeTemporaryFolder();
  await writeFile(file(folder.path), text);
  const read = readHistory(folder.path);
  await expect(read).rejects.toThrow(BundleReadError);
  await expect(read).rejects.toThrow(message);
});

test("an entry that is not of its form is refused with its line", async () => {
  await using folder = await makeTemporaryFolder();
  await addToHistory(folder.path, keyed(entries.slice(0, 1)));
  await appendFile(file(folder.path), '{"run":"run2"}\n');
  await expect(readHistory(folder.path)).rejects.toThrow(/line 3: at is not a time/);
});

test("another series' file is refused", async () => {
  await using folder = await makeTemporaryFolder();
  await addToHistory(folder.path, keyed(entries.slice(0, 1), other));
  await writeFile(file(folder.path), await readFile(join(folder.path, `${other.id}.ndjson`)));
  await expect(readHistory(folder.path)).rejects.toThrow(/another series/);
});

test("pruning keeps the latest entries, or those from a day on; a series without entries goes", async () => {
  await using folder = await makeTemporaryFolder();
  await addToHistory(folder.path, [...keyed(entries), ...keyed(entries.slice(0, 1), other)]);
  expect(await pruneHistory(folder.path, { latest: 4 })).toEqual({ removed: 2, left: 5 });
  expect(await bundles(folder.path)).toEqual(["run3", "run4", "run5", "run6"]);
  const from = entries[4]?.at ?? "";
  expect(await pruneHistory(folder.path, { from })).toEqual({ removed: 3, left: 2 });
  expect(await bundles(folder.path)).toEqual(["run5", "run6"]);
  expect(await readdir(folder.path)).toEqual([`${sampleSeries.id}.ndjson`]);
});

test("two commands do not change it at once", async () => {
  await using folder = await makeTemporaryFolder();
  await addToHistory(folder.path, keyed(entries));
  const owner = { run: "other", command: "a test", inUse: "The history is being changed" };
  await using _lock = await claim(join(folder.path, "lock"), owner);
  await expect(addToHistory(folder.path, keyed(entries))).rejects.toThrow(LockedError);
  await expect(pruneHistory(folder.path, { latest: 1 })).rejects.toThrow(LockedError);
});
