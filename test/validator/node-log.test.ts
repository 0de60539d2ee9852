import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { metric, openCommittee, reach, type TestNode } from "./committee.ts";
import { type HomeFiles, writeHome } from "./homes.ts";

/** Checkpoints every ten heights, and a log of some thirty. */
async function writeShortLog(home: HomeFiles): Promise<void> {
  const consensus = { ...home.config.consensus, checkpointIntervalHeights: 10 };
  const log = { ...home.config.log, retainHeights: 20 };
  await writeHome({ ...home, config: { ...home.config, consensus, log } });
}

/** The heights from one on at which both hold a block, and those of them at which they differ. */
function compareFrom(height: number, a: TestNode, b: TestNode): { compared: number; different: number[] } {
  const hashAt = (node: TestNode, at: number) =>
    Buffer.from(node.blocks.get(at)?.appHash ?? []).toString("hex");
  const common = [...a.blocks.keys()].filter((at) => at >= height && b.blocks.has(at));
  return { compared: common.length, different: common.filter((at) => hashAt(a, at) !== hashAt(b, at)) };
}

test("a node too far behind for the logs of its peers goes on from a state of theirs, and starts there again", async () => {
  await using committee = await openCommittee(4);
  await Promise.all(committee.homes.map(writeShortLog));
  const [first, ...others] = (await committee.startAll([0, 1, 2, 3])) as [TestNode, ...TestNode[]];
  await reach([first, ...others], 15);
  others[2]?.stop();
  const left = [first, ...others.slice(0, 2)];
  await reach(left, first.chain.height() + 60);
  expect(metric(first, "mysticeti_log_oldest_height")).toBeGreaterThan(20);
  const files = await readdir(join(committee.homes[0]?.folder ?? "", "log"));
  expect(files.length).toBeLessThanOrEqual(5);

  const late = await committee.start(3);
  await until(() => (metric(late, "mysticeti_state_syncs_total") > 0 ? true : undefined), {
    timeoutMs: 20_000,
    everyMs: 10,
    describe: () => `it did not start from a state: ${late.log.join("\n")}`,
  });
  const height = late.chain.earliestHeight() - 1;
  expect(height % 10).toBe(0);
  expect(late.chain.block(height)).toBeUndefined();
  expect(late.log.join()).toMatch(/started from a state of the peers.*"stateHash":"[0-9a-f]{64}"/);
  await reach([...left, late], height + 40);
  const { compared, different } = compareFrom(height + 1, first, late);
  expect(compared).toBeGreaterThan(30);
  expect(different).toEqual([]);
  expect([first, late].flatMap(({ failures }) => failures)).toEqual([]);

  // What it adopted is where it starts again.
  late.stop();
  const again = await committee.start(3);
  expect(again.chain.height()).toBeGreaterThan(height + 30);
  await reach([...left, again], again.chain.height() + 10);
  expect(compareFrom(height + 1, first, again).different).toEqual([]);
});

test("whoever waits for the log hears from it once all that was accepted is in the file, after one turn", async () => {
  await using committee = await openCommittee(4);
  const { chain } = await committee.start(0);
  const path = join(committee.homes[0]?.folder ?? "", "log", "00000000000000000000.log");
  const heard: string[] = [];
  chain.whenLogged(() => heard.push("nothing waits"));
  expect(heard).toEqual(["nothing waits"]);
  const texts = Array.from({ length: 50 }, (_, i) => `acknowledged ${i};`);
  await new Promise<void>((resolve) => {
    for (const text of texts) {
      expect(chain.submit(Buffer.from(text)).accepted).toBe(true);
      chain.whenLogged(() => heard.push(text));
    }
    chain.whenLogged(resolve);
    expect(heard.length).toBe(1);
  });
  expect(heard.slice(1)).toEqual(texts);
  const content = await readFile(path, "latin1");
  expect(texts.filter((text) => !content.includes(text))).toEqual([]);
  chain.whenLogged(() => heard.push("nothing waits"));
  expect(heard.at(-1)).toBe("nothing waits");
});
