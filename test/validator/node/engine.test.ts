import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeCheckpoint, stateHash } from "../../../src/validator/engine/consensus/checkpoint.ts";
import { openEngines, submit, type TestEngine } from "../engines.ts";

/** Texts of the transactions that were committed, each time. */
function committed({ commits }: TestEngine): string[] {
  return commits().flatMap(({ transactions }) => transactions.map(String));
}

/** Height → app hash. */
function hashes({ commits }: TestEngine): Map<number, string> {
  return new Map(commits().map(({ height, appHash }) => [height, appHash.toString("hex")]));
}

/** Expects that two engines agree wherever both committed, and that this is at so many heights at least. */
function expectAgreement(a: TestEngine, b: TestEngine, least: number): void {
  const [ofA, ofB] = [hashes(a), hashes(b)];
  const common = [...ofA.keys()].filter((height) => ofB.has(height));
  expect(common.length).toBeGreaterThanOrEqual(least);
  expect(common.filter((height) => ofA.get(height) !== ofB.get(height))).toEqual([]);
}

test("a committee of one without any delay proposes once in a step, and asks to be woken at once", async () => {
  await using committee = await openEngines(1, { gcDepth: 100, checkpointIntervalHeights: 5 });
  const { engine, commits, proposals } = committee.start(0);
  for (let round = 1; round <= 10; round++) {
    const step = engine.step(() => false, true);
    expect(proposals).toHaveLength(round);
    expect(proposals.at(-1)).toEqual({ round, timedOut: false });
    expect(step).toBeLessThanOrEqual(1_000);
  }
  expect(commits().at(-1)?.height).toBe(8);
  expect(engine.step(() => false, false)).toBeUndefined();
  expect(proposals).toHaveLength(10);
});

describe("blocks that nobody saw in time", () => {
  test("are lost, but their transactions are not: they are committed once, in later blocks", async () => {
    await using committee = await openEngines(4, { gcDepth: 4 });
    const [author, other] = committee.startAll() as [TestEngine, TestEngine];
    committee.steps(3);
    committee.unheard.add(0);
    for (let i = 0; i < 30; i++) {
      submit(author, `unheard ${i}`);
      committee.step();
    }
    expect(committed(other)).toEqual([]);
    // Most stand in blocks that are to be lost; the last of those that were lost wait for the next block.
    expect(author.mempool.count).toBeLessThanOrEqual(4);
    expect(author.engine.sizes.accepted).toBeLessThan(4 * 12);
    committee.unheard.delete(0);
    committee.steps(20);
    const expected = Array.from({ length: 30 }, (_, i) => `unheard ${i}`).sort();
    for (const each of committee.engines.values()) expect(committed(each).sort()).toEqual(expected);
    expectAgreement(author, other, 80);
  });
});

describe("a long run", () => {
  test("keeps a bounded number of segments on the disk, and starts again from the oldest of them", async () => {
    const retention = { retainHeights: 10, retainBytes: 1e9 };
    await using committee = await openEngines(4, { gcDepth: 10, checkpointIntervalHeights: 5, retention });
    const [first, other] = committee.startAll() as [TestEngine, TestEngine];
    submit(first, "early");
    const sizes: number[] = [];
    for (let i = 0; i < 200; i++) {
      committee.step();
      sizes.push(first.log.sizeBytes);
      expect(first.log.starts.length).toBeLessThanOrEqual(4);
    }
    expect(Math.max(...sizes.slice(100))).toBeLessThan(1.2 * Math.max(...sizes.slice(0, 100)));
    const files = await readdir(join(committee.folder, "log0"));
    expect(files.length).toBe(first.log.starts.length);
    const { checkpoints } = first.engine;
    const height = first.commits().length;
    expect(checkpoints.oldestHeight()).toBeGreaterThan(height - 20);
    expect(checkpoints.list().map((each) => each.height)).toEqual(
      [0, 5, 10].map((above) => checkpoints.oldestHeight() + above),
    );
    const before = [...hashes(first)];
    const { lastOwnRound } = first.engine;
    committee.stop(0);
    const again = committee.start(0);
    expect(again.recovered).toMatchObject({ height, fromHeight: checkpoints.oldestHeight(), tornBytes: 0 });
    expect([...hashes(again)]).toEqual(before.slice(checkpoints.oldestHeight()));
    expect(again.engine.lastOwnRound).toBe(lastOwnRound);
    expect(again.engine.checkpoints.list()).toEqual(checkpoints.list());
    submit(again, "late");
    committee.steps(20);
    expectAgreement(again, other, 30);
    expect(committed(again)).toEqual(["late"]);
  });

  test("deletes segments by their bytes as well, but never the one that a start needs", async () => {
    const retention = { retainHeights: 1_000_000, retainBytes: 0 };
    await using committee = await openEngines(4, { gcDepth: 10, checkpointIntervalHeights: 5, retention });
    const [first] = committee.startAll() as [TestEngine];
    committee.steps(60);
    expect(first.log.starts.length).toBe(1);
    const height = first.commits().length;
    committee.stop(0);
    const again = committee.start(0);
    expect(again.recovered.height).toBe(height);
    expect(again.recovered.fromHeight).toBe(height - (height % 5));
  });

  test("keeps a bounded number of blocks in memory and in the index", async () => {
    const retention = { retainHeights: 100, retainBytes: 1e9 };
    await using committee = await openEngines(4, { gcDepth: 20, checkpointIntervalHeights: 50, retention });
    const [first] = committee.startAll() as [TestEngine];
    const most = { accepted: 0, suspended: 0, committed: 0, outside: 0, indexed: 0 };
    for (let i = 0; i < 1_500; i++) {
      // One of them comes late now and then, and beyond what is still ordered.
      if (i % 100 === 30) committee.unheard.add(3);
      if (i % 100 === 70) committee.unheard.delete(3);
      committee.step();
      const { sizes } = first.engine;
      for (const name of Object.keys(most) as (keyof typeof most)[]) {
        most[name] = Math.max(most[name], sizes[name]);
      }
    }
    expect(first.commits().length).toBeGreaterThan(2_000);
    expect(most.accepted).toBeLessThan(4 * 40);
    expect(most.committed).toBeLessThan(4 * 30);
    expect(most.suspended).toBeLessThan(4 * 40);
    expect(most.outside).toBeLessThan(4 * 30);
    expect(most.indexed).toBeLessThan(4 * 220);
    expectAgreement(first, committee.engines.get(3) as TestEngine, 2_000);
  });
});

describe("a state that others give", () => {
  test("replaces the own log; from there on the same is committed, and no round is proposed in twice", async () => {
    const retention = { retainHeights: 10, retainBytes: 1e9 };
    await using committee = await openEngines(4, { gcDepth: 10, checkpointIntervalHeights: 5, retention });
    const [late, other] = committee.startAll() as [TestEngine, TestEngine];
    committee.steps(10);
    committee.unheard.add(0);
    submit(late, "in a block that nobody saw");
    late.engine.step(() => true, true);
    submit(late, "waiting");
    const { lastOwnRound } = late.engine;
    late.engine.logWaiting();
    committee.engines.delete(0);
    committee.steps(40);
    const newest = other.engine.checkpoints.list().at(-1);
    const encoded = other.engine.checkpoints.read(newest?.height ?? 0) ?? Buffer.alloc(0);
    expect(stateHash(encoded)).toEqual(newest?.stateHash);
    expect(decodeCheckpoint(encoded)?.height).toBe(newest?.height);

    expect(late.engine.adopt(encoded)).toBe(1);
    expect(() => late.engine.adopt(late.engine.checkpoints.read(1) ?? Buffer.alloc(0))).toThrow(
      /does not continue/,
    );
    late[Symbol.dispose]();
    const again = committee.start(0);
    expect(again.recovered).toMatchObject({ height: newest?.height, fromHeight: newest?.height });
    expect(again.engine.lastOwnRound).toBe(lastOwnRound);
    expect(again.mempool.peek(10).map(String)).toEqual(["waiting"]);
    expect(again.engine.checkpoints.list()).toEqual([newest]);
    committee.unheard.delete(0);
    committee.steps(30);
    expect(again.commits().length).toBeGreaterThan(20);
    expectAgreement(again, other, 20);
    expect(committed(again)).toEqual(["waiting"]);
    expect(other.engine.consensus.dag.equivocations).toBe(0);
  });

  test("that was adopted just before a crash counts, whatever stands before it", async () => {
    await using committee = await openEngines(4, { gcDepth: 10, checkpointIntervalHeights: 5 });
    const [late, other] = committee.startAll() as [TestEngine, TestEngine];
    committee.steps(20);
    const path = join(committee.folder, "log0");
    const before = join(committee.folder, "before");
    late.engine.logWaiting();
    await cp(path, before, { recursive: true });
    committee.engines.delete(0);
    committee.steps(20);
    const { checkpoints } = other.engine;
    const newest = checkpoints.list().at(-1);
    late.engine.adopt(checkpoints.read(newest?.height ?? 0) ?? Buffer.alloc(0));
    late[Symbol.dispose]();
    expect((await readdir(path)).length).toBe(1);
    // As the crash left it: the files before were not deleted yet.
    expect((await readdir(before)).length).toBeGreaterThan(3);
    await cp(before, path, { recursive: true });
    const again = committee.start(0);
    expect(again.recovered).toMatchObject({ height: newest?.height, fromHeight: newest?.height });
    expect((await readdir(path)).length).toBe(1);
  });
});
