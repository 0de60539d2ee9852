import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { reach } from "./committee.ts";
import {
  expectNoRoundSignedTwice,
  lastLogFile,
  openCrashSite,
  readLoggedBlocks,
  twinsOf,
} from "./machine-crash.ts";

test("a validator that lost own blocks signs no round again, though it is needed for a quorum", async () => {
  await expectNoRoundSignedTwice({ seed: "short", tries: 2 });
});

test("a validator that was killed goes on at once, with just a quorum", async () => {
  await using site = await openCrashSite("killed");
  const { nodes, links } = site;
  await reach(nodes, 5);
  links.isolate([3], "cut");
  // It is as SIGKILL leaves it: what was written is there, nothing was settled.
  site.crash(0, () => ({
    logBytes: statSync(lastLogFile(site.homeOf(0).folder)).size,
    isLogAlone: true,
  }));
  const again = await site.start(0);
  await reach(nodes.slice(0, 3), again.chain.height() + 5);
  expect(again.log.filter((line) => line.includes("own blocks are missing"))).toEqual([]);
  links.heal();
  await reach(nodes, again.chain.height() + 5);
  expect(twinsOf(site)).toBe(0);
});

test("all go on after a crash of all machines, each with another part of its log", async () => {
  await using site = await openCrashSite("all");
  const { nodes, random } = site;
  await reach(nodes, 10);
  for (const authority of [0, 1, 2, 3]) {
    site.crash(authority, () => {
      const blocks = readLoggedBlocks(site.homeOf(authority).folder);
      const lost = Math.floor(random.nextRatio() * 20);
      return { logBytes: blocks.at(-1 - lost)?.start ?? 0, isLogAlone: false };
    });
  }
  // Before they know each other's blocks, nobody may propose.
  const [first, ...others] = await Promise.all([0, 1, 2].map((authority) => site.start(authority)));
  if (first === undefined) throw new Error("no node");
  const height = Math.max(...[first, ...others].map(({ chain }) => chain.height()));
  for (const authority of [0, 1, 2]) site.putForward(authority);
  const waits = () =>
    [first, ...others].every(({ log }) => log.some((line) => line.includes("own blocks are missing")));
  await until(() => waits() || undefined, {
    timeoutMs: 20_000,
    everyMs: 10,
    describe: () => `not all wait: ${first.log.join("\n")}`,
  });
  expect(Math.max(...[first, ...others].map(({ chain }) => chain.height()))).toBeLessThanOrEqual(height + 2);
  await site.start(3);
  await reach(nodes, height + 10, 60_000);
  expect(twinsOf(site)).toBe(0);
});

test("the log's own promise: forced to the disk with each own block, it needs nobody's word after a crash", async () => {
  await using site = await openCrashSite("forced", { sync: "block" });
  const { nodes, links } = site;
  await reach(nodes, 5);
  links.isolate([3], "cut");
  site.crash(0, () => {
    const { folder } = site.homeOf(0);
    const file = lastLogFile(folder);
    const own = readLoggedBlocks(folder).findLast(({ author }) => author === 0);
    // What stands behind the last own block may be lost.
    const recordBytes = 8 + readFileSync(file).readUInt32BE(own?.start ?? 0);
    return { logBytes: (own?.start ?? 0) + recordBytes, isLogAlone: false };
  });
  const again = await site.start(0);
  await reach(nodes.slice(0, 3), again.chain.height() + 5);
  links.heal();
  await reach(nodes, again.chain.height() + 5);
  expect(twinsOf(site)).toBe(0);
});
