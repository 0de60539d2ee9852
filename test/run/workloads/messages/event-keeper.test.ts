import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { peerEventsFile } from "../../../../src/results/bundle/writer.ts";
import { EventKeeper, messageReading } from "../../../../src/run/workloads/messages/event-keeper.ts";
import { openTemporaryFolder } from "../../../support/temporary-folder.ts";

const write = (id: string) => JSON.stringify({ type: "write", at: 1000, id, size: 10 });
const read = (id: string) => JSON.stringify({ type: "read", at: 1020, id, from: "a" });

const bundleIn = (folder: string) => {
  const file = (number: number) => join(folder, peerEventsFile(number));
  return {
    folder,
    beginPeerEvents: (number: number) => writeFile(file(number), ""),
    appendPeerEvents: (lines: readonly string[]) =>
      appendFile(file(1), lines.map((line) => `${line}\n`).join("")),
  };
};

test.each(["with a bundle", "without one"])(
  "what peers tell before and after is in the record, %s",
  async (how) => {
    await using folder = await openTemporaryFolder();
    const bundle = how === "with a bundle" ? bundleIn(folder.path) : undefined;
    const keeper = await EventKeeper.open({
      reading: messageReading(["a", "b"], false),
      bundle,
      benchmarkNumber: 1,
    });
    await keeper.take("a", [write("1"), "no event", "{"]);
    await keeper.take("b", [read("1")]);
    const record = await keeper.record();
    expect([record.messages, record.readMs(0, 1)]).toEqual([1, 1020]);
    await keeper.take("a", [write("2"), "{"]);
    expect(await keeper.record()).toBe(record);
    expect([record.messages, record.peers[0]?.malformed]).toEqual([2, 3]);
    if (bundle === undefined) return;
    const lines = (await readFile(join(folder.path, peerEventsFile(1)), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).node)).toEqual(["a", "b", "a"]);
  },
);

test("other lines of a log are no events, and no fault", async () => {
  const keeper = await EventKeeper.open({
    reading: messageReading(["a"], true),
    bundle: undefined,
    benchmarkNumber: 1,
  });
  await keeper.take("a", ["starting", '{"level":"info"}', write("1"), '{"type":"write"}']);
  const record = await keeper.record();
  expect([record.messages, record.peers[0]?.malformed]).toEqual([1, 1]);
});
