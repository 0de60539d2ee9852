import { expect, test } from "vitest";
import { buildRef } from "../../../src/validator/engine/consensus/block.ts";
import { encodeCheckpoint } from "../../../src/validator/engine/consensus/checkpoint.ts";
import { BlockIndex } from "../../../src/validator/log/block-store.ts";
import { LogError } from "../../../src/validator/log/error.ts";
import { Journal } from "../../../src/validator/log/journal.ts";
import { appendTransactions, readKind, readOpening } from "../../../src/validator/log/opening.ts";
import { decodeTransactions, recordTags } from "../../../src/validator/log/record.ts";
import { openFolder } from "../folder.ts";
import { openLog } from "./open-log.ts";

const network = Buffer.from("network");
const owner = Buffer.concat([network, Buffer.of(0, 0)]);
const digest = Buffer.alloc(32, 7);
const lastOwn = buildRef(0, 3, digest);

/** A checkpoint whose window holds so many keys. */
function buildCheckpoint(height: number, keys: number) {
  return encodeCheckpoint({
    height,
    hash: digest,
    appHash: digest,
    timeMs: 5,
    cursor: { round: 9, rank: 0 },
    gcRound: 2,
    committed: [{ ref: buildRef(1, 9, digest), timestampMs: 4 }],
    window: [Buffer.alloc(32 * keys, 1)],
  });
}

test("a state larger than any record comes back from its segment, for this start and for other validators", async () => {
  await using folder = await openFolder();
  using log = openLog(folder.path);
  const retention = { retainHeights: 10, retainBytes: 1e9 };
  const journal = new Journal({ authority: 0, network, log, retention });
  const checkpoint = buildCheckpoint(40, 300_000);
  expect(checkpoint.sizeBytes).toBeGreaterThan(8 * 1024 * 1024);
  const positions = new BlockIndex(1);
  journal.begin("next", { checkpoint, lastOwn, carried: [], positions, waiting: [] });
  const opening = readOpening(log, 0);
  expect(opening?.checkpoint).toEqual(checkpoint);
  expect(opening?.state.height).toBe(40);
  const { stateHash, sizeBytes } = checkpoint;
  expect(journal.list()).toEqual([{ height: 40, stateHash, sizeBytes }]);
  expect(journal.read(40)?.equals(checkpoint.encoded)).toBe(true);
  expect(journal.read(39)).toBeUndefined();
  expect(readKind(log, 0, owner)).toBe("next");
  expect(() => readKind(log, 0, Buffer.from("other"))).toThrow(LogError);
});

test("any amount of transactions is written in records that can be read again", async () => {
  await using folder = await openFolder();
  using log = openLog(folder.path);
  const sizes = [...new Array(12).fill(1024 * 1024), ...new Array(400_000).fill(1), 5, 0];
  log.begin(() => undefined);
  appendTransactions(
    log,
    sizes.map((size) => Buffer.alloc(size, "t")),
  );
  log.flush();
  let records = 0;
  const found: number[] = [];
  const tornBytes = log.replay(({ tag, payload }) => {
    expect(tag).toBe(recordTags.transactions);
    records++;
    for (const { length } of decodeTransactions(payload)) found.push(length);
  });
  expect(tornBytes).toBe(0);
  expect(records).toBeGreaterThan(3);
  expect(found).toEqual(sizes);
});
