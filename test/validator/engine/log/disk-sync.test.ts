import { fdatasyncSync, fstatSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { until } from "../../../../src/core/async.ts";
import { type Disk, systemDisk } from "../../../../src/validator/engine/log/disk-sync.ts";
import { recordTags } from "../../../../src/validator/engine/log/record.ts";
import type { LogSync } from "../../../../src/validator/wire/node-files.ts";
import { openFolder } from "../../folder.ts";
import { openLog } from "./open-log.ts";

/** A log with one segment, and what was asked of the disk since; `fault` is what its later syncs end with. */
async function open(sync: LogSync, { syncIntervalMs = 5, fault = null as Error | null } = {}) {
  const folder = await openFolder();
  const asked: string[] = [];
  const failures: string[] = [];
  const disk: Disk = {
    sync: (file) => {
      asked.push("sync");
      fdatasyncSync(file);
    },
    syncSoon: (file, done) => {
      asked.push("soon");
      systemDisk.syncSoon(file, (error) => done(fault ?? error));
    },
  };
  const failed = (error: Error) => failures.push(error.message);
  const log = openLog(folder.path, { sync, syncIntervalMs, disk, failed });
  log.begin(() => log.append(recordTags.header));
  const atStart = asked.splice(0);
  const write = (tag: number) => {
    log.append(tag, Buffer.from("payload"));
    log.flush();
  };
  return {
    log,
    asked,
    failures,
    atStart,
    write,
    [Symbol.asyncDispose]: async () => {
      log[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function waitFor(asked: readonly unknown[], count: number): Promise<void> {
  await until(() => (asked.length >= count ? true : undefined), {
    timeoutMs: 5_000,
    everyMs: 2,
    describe: () => `the disk was asked ${asked.length} times`,
  });
}

describe("when the log is forced to the disk", () => {
  test("none: never", async () => {
    await using opened = await open("none");
    for (const tag of [recordTags.block, recordTags.ownBlock, recordTags.commit]) opened.write(tag);
    opened.log.begin(() => undefined);
    opened.log.settle();
    expect([opened.atStart, opened.asked]).toEqual([[], []]);
  });

  test("block: before an own block is sent, and when a segment begins: its file, then its name", async () => {
    await using opened = await open("block");
    expect(opened.atStart).toEqual(["sync", "sync"]);
    opened.write(recordTags.block);
    opened.write(recordTags.commit);
    opened.write(recordTags.transactions);
    expect(opened.asked).toEqual([]);
    opened.write(recordTags.ownBlock);
    expect(opened.asked).toEqual(["sync"]);
    opened.log.flush();
    expect(opened.asked).toEqual(["sync"]);
    opened.log.begin(() => undefined);
    // The file before, the new one, the folder.
    expect(opened.asked).toEqual(["sync", "sync", "sync", "sync"]);
  });

  test("interval: off the path of whoever writes, once for all that was written meanwhile", async () => {
    await using opened = await open("interval", { syncIntervalMs: 50 });
    for (let i = 0; i < 20; i++) opened.write(recordTags.ownBlock);
    expect(opened.asked).toEqual([]);
    await waitFor(opened.asked, 1);
    const since = performance.now();
    opened.write(recordTags.block);
    await waitFor(opened.asked, 2);
    expect(performance.now() - since).toBeGreaterThan(40);
    expect(opened.asked).toEqual(["soon", "soon"]);
    expect(opened.failures).toEqual([]);
  });

  test("interval: a sync that fails is told", async () => {
    await using opened = await open("interval", { fault: new Error("the disk is gone") });
    opened.write(recordTags.block);
    await until(() => opened.failures[0], {
      timeoutMs: 5_000,
      everyMs: 2,
      describe: () => "nobody was told",
    });
    expect(opened.failures[0]).toMatch(/cannot be forced to the disk: the disk is gone/);
  });

  test("a file that is deleted while its sync is under way stays open until that is over", async () => {
    await using folder = await openFolder();
    const underWay: { file: number; end: () => void }[] = [];
    const disk: Disk = {
      sync: fdatasyncSync,
      syncSoon: (file, done) => underWay.push({ file, end: () => done(null) }),
    };
    using log = openLog(folder.path, { sync: "interval", syncIntervalMs: 1, disk });
    log.begin(() => log.append(recordTags.header));
    log.append(recordTags.block);
    log.flush();
    await waitFor(underWay, 1);
    const { file = -1, end = () => undefined } = underWay[0] ?? {};
    log.begin(() => undefined);
    log.dropBelow(log.end);
    expect(fstatSync(file).isFile()).toBe(true);
    end();
    expect(() => fstatSync(file)).toThrow(/EBADF/);
  });
});
