import { join } from "node:path";
import { expect, test } from "vitest";
import { Engine } from "../../src/validator/engine.ts";
import { readHome } from "../../src/validator/home.ts";
import { buildMembership } from "../../src/validator/membership.ts";
import { Mempool } from "../../src/validator/mempool.ts";
import { openFolder } from "./folder.ts";
import { planHomes, writeHome } from "./homes.ts";
import { openLog } from "./log/open-log.ts";

test("a committee of one without any delay proposes once in a step, and asks to be woken at once", async () => {
  await using folder = await openFolder();
  const [files] = await planHomes(folder.path, 1);
  if (files === undefined) throw new Error("no home planned");
  await writeHome(files);
  using log = openLog(join(folder.path, "log"));
  let height = 0;
  let readings = 0;
  // An endless loop could not be told from a long one otherwise.
  const read = (timeMs: number) => {
    if (++readings > 1_000) throw new Error("the step does not end");
    return timeMs;
  };
  const engine = new Engine({
    ...buildMembership(await readHome(files.folder)),
    checkpointIntervalHeights: 5,
    pace: { minRoundDelayMs: 0, leaderTimeoutMs: 250 },
    blockSizeBytes: 1_000,
    retention: { retainHeights: 100, retainBytes: 1_000_000 },
    log,
    mempool: new Mempool({ mostTransactions: 10, mostBytes: 1_000, largestTransactionBytes: 100 }),
    clock: { monotonicMs: () => read(5_000), wallMs: () => read(1_800_000_000_000) },
    decided: ({ commit }) => {
      height = commit?.height ?? height;
    },
  });
  engine.recover();
  for (let round = 1; round <= 10; round++) {
    const step = engine.step(() => false, true);
    expect(step).toEqual({ proposed: { round, timedOut: false }, wakeAtMs: 5_000 });
  }
  expect(height).toBe(8);
  expect(engine.step(() => false, false)).toEqual({ proposed: undefined, wakeAtMs: undefined });
});
