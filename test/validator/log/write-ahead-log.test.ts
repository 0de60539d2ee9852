import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { LogError, WriteAheadLog } from "../../../src/validator/log/write-ahead-log.ts";
import { openFolder } from "../folder.ts";

function replayed(log: WriteAheadLog): { records: string[]; tornBytes: number } {
  const records: string[] = [];
  const tornBytes = log.replay(({ tag, payload }) => records.push(`${tag}:${payload.toString("latin1")}`));
  return { records, tornBytes };
}

/** A log of three records; returns its path. */
async function writeThree(folder: string): Promise<string> {
  using log = new WriteAheadLog(folder);
  log.replay(() => undefined);
  log.append(1, Buffer.from("one"));
  log.append(2, Buffer.from("tw"), Buffer.from("o"));
  log.append(3);
  log.flush();
  return log.path;
}

const three = ["1:one", "2:two", "3:"];

describe("write-ahead log", () => {
  test("gives back what was appended, in order, at the offsets it said", async () => {
    await using folder = await openFolder();
    await writeThree(folder.path);
    using log = new WriteAheadLog(folder.path);
    expect(replayed(log)).toEqual({ records: three, tornBytes: 0 });
    const offset = log.append(4, Buffer.from("four"));
    expect(log.read(offset)).toBeUndefined();
    log.flush();
    expect(log.read(offset)?.toString()).toBe("four");
    expect(log.read(0)?.toString()).toBe("one");
    expect(log.read(log.sizeBytes)).toBeUndefined();
    using again = new WriteAheadLog(folder.path);
    expect(replayed(again).records).toEqual([...three, "4:four"]);
  });

  test("cuts off a tail torn at any byte, and goes on behind what is whole", async () => {
    await using folder = await openFolder();
    const path = await writeThree(folder.path);
    const whole = await readFile(path);
    const ends = [12, 24, 33];
    expect(whole.length).toBe(ends[2]);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      using log = new WriteAheadLog(folder.path);
      const kept = ends.filter((end) => end <= length);
      expect(replayed(log)).toEqual({
        records: three.slice(0, kept.length),
        tornBytes: length - (kept.at(-1) ?? 0),
      });
      log.append(9, Buffer.from("next"));
      log.flush();
      using again = new WriteAheadLog(folder.path);
      expect(replayed(again)).toEqual({ records: [...three.slice(0, kept.length), "9:next"], tornBytes: 0 });
      await truncate(path, 0);
    }
  });

  test("stops at a record whose bytes have changed", async () => {
    await using folder = await openFolder();
    const path = await writeThree(folder.path);
    const whole = await readFile(path);
    whole.writeUInt8(whole.readUInt8(22) ^ 1, 22);
    await writeFile(path, whole);
    using log = new WriteAheadLog(folder.path);
    expect(replayed(log).records).toEqual(["1:one"]);
  });

  test("holds records of many megabytes together, across the chunks it is read in", async () => {
    await using folder = await openFolder();
    const big = Buffer.alloc(5 * 1024 * 1024, "x");
    {
      using log = new WriteAheadLog(folder.path);
      log.replay(() => undefined);
      for (let i = 0; i < 9; i++) log.append(2, big, Buffer.of(i));
      for (let i = 0; i < 3_000; i++) log.append(4, Buffer.from(String(i)));
      log.flush();
    }
    using log = new WriteAheadLog(folder.path);
    const seen: string[] = [];
    log.replay(({ tag, payload }) => {
      seen.push(tag === 2 ? `${payload.length}/${payload.at(-1)}` : payload.toString());
    });
    expect(seen.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => `${big.length + 1}/${i}`));
    expect(seen.slice(9)).toEqual(Array.from({ length: 3_000 }, (_, i) => String(i)));
  });

  test("names the file that cannot be opened", async () => {
    await using folder = await openFolder();
    await appendFile(`${folder.path}/file`, "");
    expect(() => new WriteAheadLog(`${folder.path}/file`)).toThrow(LogError);
    expect(() => new WriteAheadLog(`${folder.path}/file`)).toThrow(/file\/00000001\.log: cannot be opened/);
  });
});
