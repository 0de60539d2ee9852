import { appendFile, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ReceivedEvents, receivedLimits } from "../../../src/server/feed/received-events.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const lines = (...numbers: readonly number[]) =>
  Buffer.from(numbers.map((number) => `{"n":${number}}\n`).join(""));

test("lines are kept by stream, in order, each once", async () => {
  await using folder = await openTemporaryFolder();
  using events = new ReceivedEvents(join(folder.path, "events"));
  expect(events.append("a", 0, lines(1, 2))).toEqual({ bytes: 16, taken: true });
  // Sent again by somebody who did not hear that they had come.
  expect(events.append("a", 0, lines(1, 2, 3))).toEqual({ bytes: 16, taken: false });
  expect(events.append("a", 16, lines(3)).taken).toBe(true);
  expect(events.append("b", undefined, lines(4)).taken).toBe(true);
  expect(events.read("a", 8)?.toString()).toBe(String(lines(2, 3)));
  expect(events.read("c", 0)).toBeUndefined();
  expect(events.streams).toEqual([
    { stream: "a", bytes: 24 },
    { stream: "b", bytes: 8 },
  ]);
});

test("what was received is there after a restart, without half a line", async () => {
  await using folder = await openTemporaryFolder();
  {
    using events = new ReceivedEvents(folder.path);
    events.append("a", 0, lines(1));
  }
  await appendFile(join(folder.path, "a.ndjson"), '{"n"');
  await writeFile(join(folder.path, "README"), "no stream");
  using events = new ReceivedEvents(folder.path);
  expect(events.read("a", 0)?.toString()).toBe(String(lines(1)));
  expect(events.streams).toEqual([{ stream: "a", bytes: 8 }]);
  expect(events.append("a", 8, lines(2)).bytes).toBe(16);
  expect(await readFile(join(folder.path, "a.ndjson"), "utf8")).toBe(String(lines(1, 2)));
});

test.runIf(platform() === "linux")("streams are many more than files that are open", async () => {
  await using folder = await openTemporaryFolder();
  using events = new ReceivedEvents(folder.path);
  const files = async () => (await readdir("/proc/self/fd")).length;
  const before = await files();
  for (let number = 0; number < 500; number++) events.append(`s${number}`, 0, lines(number));
  expect((await files()) - before).toBeLessThanOrEqual(201);
  expect(events.append("s0", String(lines(0)).length, lines(7)).taken).toBe(true);
  expect(events.read("s0", 0)?.toString()).toBe(String(lines(0, 7)));
  expect(events.streams).toHaveLength(500);
});

test.each([
  ["a path", "../a", lines(1), "The name of a stream has 1 to 100"],
  ["a hidden name", ".a", lines(1), "The name of a stream has 1 to 100"],
  ["a long name", "a".repeat(101), lines(1), "The name of a stream has 1 to 100"],
  ["half a line", "a", Buffer.from("{}"), "The last line has no line break."],
  ["no JSON", "a", Buffer.from("x\n"), "It is not a JSON object: x"],
  ["a list", "a", Buffer.from("[]\n"), "It is not a JSON object: []"],
  ["an empty line", "a", Buffer.from("\n"), "It is not a JSON object: "],
  [
    "a long line",
    "a",
    Buffer.from(`{"n":"${"x".repeat(receivedLimits.lineBytes)}"}\n`),
    "A line has at most 65536 characters.",
  ],
])("%s is refused, and nothing of it is kept", async (_, stream, sent, message) => {
  await using folder = await openTemporaryFolder();
  using events = new ReceivedEvents(folder.path);
  expect(() => events.append(stream, undefined, sent)).toThrow(message);
  expect(await readdir(folder.path)).toEqual([]);
});

test("a link in the folder is no stream that is written to", async () => {
  await using folder = await openTemporaryFolder();
  await using elsewhere = await openTemporaryFolder();
  const target = join(elsewhere.path, "victim");
  await writeFile(target, "kept\n");
  await symlink(target, join(folder.path, "a.ndjson"));
  expect(() => new ReceivedEvents(folder.path).append("a", undefined, lines(1))).toThrow();
  expect(await readFile(target, "utf8")).toBe("kept\n");
});
