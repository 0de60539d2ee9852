import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Disk, systemDisk } from "../../../src/validator/log/disk-sync.ts";
import { OwnRounds, type OwnRoundsOptions, roundsAhead } from "../../../src/validator/log/own-rounds.ts";
import { openFolder } from "../folder.ts";

/** A file of own rounds that can be opened again, and how often the disk was asked. */
async function open() {
  const folder = await openFolder();
  const path = join(folder.path, "own-rounds");
  let syncs = 0;
  /** What the disk has not done yet. */
  const underWay: (() => void)[] = [];
  const disk: Disk = {
    sync: systemDisk.sync,
    syncSoon: (_file, done) => {
      syncs++;
      underWay.push(() => done(null));
    },
  };
  const start = (options: Partial<OwnRoundsOptions> = {}) => {
    const failed = (error: Error) => {
      throw error;
    };
    const usual = { owner: Buffer.from("own"), boot: "boot 1", isLogForced: false };
    return new OwnRounds(path, { ...usual, disk, reserved: () => undefined, failed, ...options });
  };
  const finishSyncs = () => {
    for (const done of underWay.splice(0)) done();
  };
  /** Signs a round for which it may have to wait. */
  const sign = (rounds: OwnRounds, round: number) => {
    if (!rounds.reserve(round)) finishSyncs();
    expect(rounds.reserve(round)).toBe(true);
    rounds.signed(round);
  };
  const spoil = (page: number) => {
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(64, 1), 0, 64, page * 4096);
    closeSync(file);
  };
  return {
    path,
    start,
    sign,
    spoil,
    finishSyncs,
    syncs: () => syncs,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe("rounds of own blocks", () => {
  test("are signed only once they are reserved on the disk", async () => {
    await using opened = await open();
    let told = 0;
    using rounds = opened.start({ reserved: () => told++ });
    expect(rounds.highest).toBe(undefined);
    expect([rounds.reserve(1), rounds.reserve(1), opened.syncs(), told]).toEqual([false, false, 1, 0]);
    opened.finishSyncs();
    expect([rounds.reserve(1), told]).toEqual([true, 1]);
    expect(rounds.reserve(1 + roundsAhead)).toBe(true);
    expect(rounds.reserve(2 + roundsAhead)).toBe(false);
  });

  test("cost one sync for more than a hundred of them, and none that is waited for", async () => {
    await using opened = await open();
    using rounds = opened.start();
    opened.sign(rounds, 1);
    for (let round = 2; round <= 5_000; round++) {
      expect(rounds.reserve(round)).toBe(true);
      rounds.signed(round);
      if (round % 50 === 0) opened.finishSyncs();
    }
    expect(opened.syncs()).toBeLessThan(50);
  });

  test("are known to the last one after a death of the process, as far as reserved after one of the machine", async () => {
    await using opened = await open();
    using rounds = opened.start();
    opened.sign(rounds, 10);
    opened.sign(rounds, 11);
    using same = opened.start();
    expect(same.highest).toBe(11);
    using later = opened.start({ boot: "boot 2" });
    expect(later.highest).toBe(10 + roundsAhead);
    using elsewhere = opened.start({ boot: undefined });
    expect(elsewhere.highest).toBe(10 + roundsAhead);
  });

  test("are known after a start that signed nothing, also where another machine reserved them", async () => {
    await using opened = await open();
    using former = opened.start();
    opened.sign(former, 10);
    using reserving = opened.start({ boot: "boot 2" });
    // It is asked for once all rounds below it are known not to be signed again.
    expect(reserving.reserve(100)).toBe(false);
    opened.finishSyncs();
    using again = opened.start({ boot: "boot 2" });
    expect(again.highest).toBe(99);
  });

  test("are known exactly after a stop", async () => {
    await using opened = await open();
    using rounds = opened.start();
    opened.sign(rounds, 10);
    opened.finishSyncs();
    rounds.settle();
    using later = opened.start({ boot: "boot 2" });
    expect(later.highest).toBe(10);
  });

  test("are known where a crash tore the reservation that was being written, not where all are gone", async () => {
    await using opened = await open();
    using rounds = opened.start();
    opened.sign(rounds, 10);
    expect(rounds.reserve(10 + roundsAhead / 2 + 1)).toBe(true);
    // The first reservation stands in page 1, the second in page 0.
    opened.spoil(0);
    using torn = opened.start({ boot: "boot 2" });
    expect(torn.highest).toBe(10 + roundsAhead);
    opened.spoil(1);
    using gone = opened.start({ boot: "boot 2" });
    expect(gone.highest).toBe(undefined);
    using same = opened.start();
    expect(same.highest).toBe(10);
    rmSync(opened.path);
    using missing = opened.start();
    expect(missing.highest).toBe(undefined);
  });

  test("of another validator count nothing", async () => {
    await using opened = await open();
    using rounds = opened.start();
    opened.sign(rounds, 10);
    using other = opened.start({ owner: Buffer.from("other") });
    expect(other.highest).toBe(undefined);
  });

  test("are those of the log where it was forced to the disk with each, unless the log was replaced", async () => {
    await using opened = await open();
    using rounds = opened.start({ isLogForced: true });
    opened.sign(rounds, 10);
    opened.finishSyncs();
    const later = { boot: "boot 2", isLogForced: true };
    const reserved = 10 + roundsAhead;
    using whole = opened.start(later);
    expect(whole.highest).toBe(reserved);
    whole.recovered(10, false);
    expect(whole.highest).toBe(10);
    using damaged = opened.start(later);
    damaged.recovered(9, true);
    expect(damaged.highest).toBe(reserved);
    // Blocks that come back from others do not make such a log whole.
    using refilled = opened.start(later);
    refilled.recovered(9, false);
    expect(refilled.highest).toBe(reserved);
  });
});
