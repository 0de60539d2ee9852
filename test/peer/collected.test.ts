import { readdir } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CollectedEvents, chunkStart } from "../../src/peer/collected.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

test("chunks in any order, more than once and overlapping come to the lines as they were told", async () => {
  await using folder = await openTemporaryFolder();
  const told = Buffer.from(Array.from({ length: 40 }, (_, number) => `{"n":${number}}\n`).join(""));
  const chunk = fc.tuple(fc.nat(told.length - 1), fc.integer({ min: 1, max: 100 }));
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 60 }), async (chunks) => {
      using events = new CollectedEvents(folder.path, [`p${runs++}`]);
      const peer = `p${runs - 1}`;
      for (const [from, length] of chunks) events.take(peer, from, told.subarray(from, from + length));
      const known = events.bytes(peer);
      const lines = told.subarray(0, told.lastIndexOf(10, known - 1) + 1);
      expect(events.read(peer, 0, told.length)?.toString()).toBe(known === 0 ? "" : lines.toString());
      events.take(peer, 0, told);
      expect(events.read(peer, 0, told.length)?.equals(told)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("what was collected is there after a restart; of others nothing is", async () => {
  await using folder = await openTemporaryFolder();
  {
    using events = new CollectedEvents(folder.path, ["a"]);
    events.take("a", 0, Buffer.from("{}\n"));
    events.take("stranger", 0, Buffer.from("{}\n"));
  }
  expect(await readdir(folder.path)).toEqual(["events-of-a.ndjson"]);
  using events = new CollectedEvents(folder.path, ["a"]);
  expect([events.bytes("a"), events.bytes("stranger")]).toEqual([3, 0]);
  expect(events.read("stranger", 0, 100)).toBeUndefined();
});

test("messages with events are told from others by their ids", () => {
  expect([
    chunkStart("events-0"),
    chunkStart("events-120"),
    chunkStart("mf3k-1"),
    chunkStart("events-x"),
  ]).toEqual([...[0, 120], ...[undefined, undefined]]);
});
