import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Block, decodeBlock, transactionsOf } from "../../src/validator/engine/consensus/block.ts";
import type { BlockRules } from "../../src/validator/engine/consensus/validity.ts";
import {
  decodeCommit,
  decodeTransactions,
  type LogRecord,
  readRecord,
  recordOverheadBytes,
  recordTags,
} from "../../src/validator/log/record.ts";
import { openEngines, submit, type TestEngine } from "./engines.ts";
import { openLog } from "./log/open-log.ts";

interface Placed extends LogRecord {
  /** Position behind it. */
  readonly end: number;
}

function recordsOf(bytes: Buffer): Placed[] {
  const records: Placed[] = [];
  let end = 0;
  for (let record = readRecord(bytes, end); record !== undefined; record = readRecord(bytes, end)) {
    end += recordOverheadBytes + record.payload.length;
    records.push({ ...record, end });
  }
  return records;
}

/**
 * A validator whose own blocks are unheard for long, so that some are lost and their transactions wait again, and its
 * log: several segments, of which few are kept, so that it can be read thousands of times.
 */
export async function record() {
  const committee = await openEngines(4, {
    gcDepth: 4,
    checkpointIntervalHeights: 8,
    blockSizeBytes: 60,
    retention: { retainHeights: 16, retainBytes: 1e9 },
  });
  const [author] = committee.startAll() as [TestEngine];
  const path = join(committee.folder, "log0");
  const isLongEnough = () => author.commits().length > 4 * 8 && author.commits().length % 8 >= 6;
  for (let i = 0; !isLongEnough(); i++) {
    if (i % 14 === 3) committee.unheard.add(0);
    if (i % 14 === 12) committee.unheard.delete(0);
    for (let each = 0; each < 3; each++) submit(author, `transaction ${i}.${each}`);
    if (i % 3 === 1) author.engine.logWaiting();
    committee.step();
  }
  author.engine.logWaiting();
  const files = readdirSync(path)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(path, name)) }));
  // The blocks that the log ends with may decide more than the author had decided by then.
  committee.unheard.clear();
  committee.steps(5);
  return { committee, author, files };
}

/** What the whole records promise: own blocks and transactions that were told to others, and commits. */
function promisesOf(records: readonly Placed[], rules: BlockRules) {
  const transactions = new Set<string>();
  let lastOwnRound = 0;
  let commits = 0;
  for (const { tag, payload } of records) {
    if (tag === recordTags.transactions) {
      for (const each of decodeTransactions(payload)) transactions.add(String(each));
    } else if (tag === recordTags.ownBlock) {
      const block = decodeBlock(Buffer.from(payload), rules);
      if (block === undefined) throw new Error("not a block");
      for (const each of transactionsOf(block)) transactions.add(String(each));
      lastOwnRound = Math.max(lastOwnRound, block.ref.round);
    } else if (tag === recordTags.commit) commits = decodeCommit(payload)?.height ?? 0;
  }
  return { transactions, lastOwnRound, commits };
}

/**
 * Flips a bit in each `every`-th record of the last segment, and expects that nothing is lost but this record: what
 * followed from it waits for it, and is there again once it comes from others.
 */
export async function expectFlipsToRecover(every: number): Promise<void> {
  const { committee, author, files } = await record();
  await using _committee = committee;
  const last = files.at(-1);
  if (last === undefined) throw new Error("no log");
  const { rules } = author;
  const tail = recordsOf(last.bytes);
  const openingEnd = tail.find(({ tag }) => tag === recordTags.opened)?.end ?? 0;
  const earlier = files.slice(0, -1).flatMap(({ bytes }) => recordsOf(bytes));
  const hashes = new Map(author.commits().map(({ height, appHash }) => [height, appHash.toString("hex")]));
  const folder = join(committee.folder, "flipped");
  mkdirSync(folder);
  for (const { name, bytes } of files.slice(0, -1)) writeFileSync(join(folder, name), bytes);
  const blockOf = ({ tag, payload }: LogRecord) =>
    tag === recordTags.block || tag === recordTags.ownBlock
      ? decodeBlock(Buffer.from(payload), rules)
      : undefined;

  // Behind the last record nothing sound follows: that is a torn tail.
  const flipped = tail.slice(0, -1).filter(({ end }, i) => end > openingEnd && i % every === 0);
  expect(new Set(flipped.map(({ tag }) => tag)).size).toBeGreaterThan(2);
  for (const [i, each] of flipped.entries()) {
    const bytes = Buffer.from(last.bytes);
    const at = each.end - 1 - ((i * 37) % each.payload.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (i % 8)), at);
    writeFileSync(join(folder, last.name), bytes);
    using again = committee.open(0, folder);
    const rest = [...earlier, ...tail].filter((other) => other !== each);
    const { dag } = again.engine.consensus;
    const isHere = ({ ref }: Block) => dag.isAccepted(ref) || dag.isSuspended(ref);
    const missingBlocks = () =>
      rest.flatMap((other) => blockOf(other) ?? []).filter((block) => !isHere(block));
    const missingTransactions = [...promisesOf(rest, rules).transactions].filter(
      (text) => !held(again).has(text),
    );
    const behind = tail.filter(({ end }) => end > each.end).length;
    expect({
      ...{ tag: each.tag, salvaged: again.recovered.salvaged, tornBytes: again.recovered.tornBytes },
      ...{ blocks: missingBlocks().length, missingTransactions },
    }).toEqual({
      ...{ tag: each.tag, salvaged: behind, tornBytes: recordOverheadBytes + each.payload.length },
      ...{ blocks: 0, missingTransactions: [] },
    });
    const lost = blockOf(each);
    if (lost !== undefined) again.engine.take(lost);
    again.engine.step(() => true, false);
    expect(dag.sizes.suspended).toBe(0);
    const commits = again.commits();
    expect(commits.filter(({ height, appHash }) => hashes.get(height) !== appHash.toString("hex"))).toEqual(
      [],
    );
    const promised = promisesOf(rest, rules).commits;
    expect(again.recovered.fromHeight + commits.length).toBeGreaterThanOrEqual(promised);
  }
}

/** Where a recovered validator's transactions are: committed, in an own block that still can be, or waiting. */
function held({ authority, engine, mempool, commits }: TestEngine): Set<string> {
  const uncommitted = engine.consensus.dag.uncommittedBlocks();
  return new Set(
    [
      ...commits().flatMap(({ transactions }) => transactions),
      ...uncommitted.filter(({ ref }) => ref.author === authority).flatMap(transactionsOf),
      ...mempool.peek(mempool.count),
    ].map((each) => Buffer.from(each).toString()),
  );
}

/** How many records a log holds, and how many bytes were cut off its end. */
function readLog(folder: string): [records: number, tornBytes: number] {
  using log = openLog(folder);
  let records = 0;
  const tornBytes = log.replay(() => records++);
  return [records, tornBytes];
}

/**
 * Cuts the last segment at each `everyBytes`-th byte and around the end of each record, and expects of the log what was
 * whole: nothing else, and nothing less.
 */
export async function expectCutsToRecover(everyBytes: number): Promise<void> {
  const { committee, author, files } = await record();
  await using _committee = committee;
  const last = files.at(-1);
  if (last === undefined) throw new Error("no log");
  const tail = recordsOf(last.bytes);
  expect(tail.at(-1)?.end).toBe(last.bytes.length);
  const openingEnd = tail.find(({ tag }) => tag === recordTags.opened)?.end ?? 0;
  const earlier = files.slice(0, -1).flatMap(({ bytes }) => recordsOf(bytes));
  const tagsInTail = new Set(tail.filter(({ end }) => end > openingEnd).map(({ tag }) => tag));
  expect([...tagsInTail].sort()).toEqual([2, 3, 4, 5]);
  expect(tail.filter(({ end }) => end > openingEnd).length).toBeGreaterThan(20);
  expect(files.length).toBeGreaterThan(2);
  const lost = author.outcomes.flatMap(({ collected }) => collected?.lost ?? []);
  expect(
    lost.filter(({ ref, transactionCount }) => ref.author === 0 && transactionCount > 0).length,
  ).toBeGreaterThan(5);

  const hashes = new Map(author.commits().map(({ height, appHash }) => [height, appHash.toString("hex")]));
  const folder = join(committee.folder, "cut");
  mkdirSync(folder);
  for (const { name, bytes } of files.slice(0, -1)) writeFileSync(join(folder, name), bytes);
  const write = (length: number) => writeFileSync(join(folder, last.name), last.bytes.subarray(0, length));
  const edges = new Set(tail.flatMap(({ end }) => [end - 1, end, end + 1]));
  for (let length = openingEnd; length <= last.bytes.length; length++) {
    if ((length - openingEnd) % everyBytes !== 0 && !edges.has(length)) continue;
    const whole = tail.filter(({ end }) => end <= length);
    const torn = length - (whole.at(-1)?.end ?? 0);
    write(length);
    expect([length, ...readLog(folder)]).toEqual([length, earlier.length + whole.length, torn]);

    const promises = promisesOf([...earlier, ...whole], author.rules);
    // What was read has lost its torn tail.
    write(length);
    using again = committee.open(0, folder);
    const commits = again.commits();
    const { fromHeight, tornBytes } = again.recovered;
    const problems = {
      tornBytes: tornBytes - torn,
      lastOwnRound: again.engine.lastOwnRound - promises.lastOwnRound,
      missingCommits: Math.max(0, promises.commits - fromHeight - commits.length),
      others: commits.filter(({ height, appHash }, i) => {
        return height !== fromHeight + i + 1 || hashes.get(height) !== appHash.toString("hex");
      }).length,
      missing: [...promises.transactions].filter((text) => !held(again).has(text)),
    };
    expect({ length, ...problems }).toEqual({
      ...{ length, tornBytes: 0, lastOwnRound: 0, missingCommits: 0, others: 0, missing: [] },
    });
  }
}
