import { appendFile, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LogError } from "../../../src/validator/log/error.ts";
import type { WriteAheadLog } from "../../../src/validator/log/write-ahead-log.ts";
import { openFolder } from "../folder.ts";
import { openLog } from "./open-log.ts";

const first = "00000000000000000000.log";
const second = "00000000000000000033.log";

function replayed(log: WriteAheadLog): { records: string[]; tornBytes: number } {
  const records: string[] = [];
  const tornBytes = log.replay(({ tag, payload }) => records.push(`${tag}:${payload.toString("latin1")}`));
  return { records, tornBytes };
}

/** A log of one segment with three records; returns its path. */
async function writeThree(folder: string): Promise<string> {
  using log = openLog(folder);
  log.begin(() => {
    log.append(1, Buffer.from("one"));
    log.append(2, Buffer.from("tw"), Buffer.from("o"));
  });
  log.append(3);
  log.flush();
  return join(folder, first);
}

const three = ["1:one", "2:two", "3:"];

describe("one segment", () => {
  test("gives back what was appended, in order, at the positions it said", async () => {
    await using folder = await openFolder();
    await writeThree(folder.path);
    using log = openLog(folder.path);
    expect(replayed(log)).toEqual({ records: three, tornBytes: 0 });
    const position = log.append(4, Buffer.from("four"));
    expect(log.read(position)).toBeUndefined();
    log.flush();
    expect(log.read(position)).toEqual({ tag: 4, payload: Buffer.from("four") });
    expect(log.read(0)?.payload.toString()).toBe("one");
    expect(log.read(log.end)).toBeUndefined();
    using again = openLog(folder.path);
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
      using log = openLog(folder.path);
      const kept = ends.filter((end) => end <= length);
      expect(replayed(log)).toEqual({
        records: three.slice(0, kept.length),
        tornBytes: length - (kept.at(-1) ?? 0),
      });
      log.append(9, Buffer.from("next"));
      log.flush();
      using again = openLog(folder.path);
      expect(replayed(again)).toEqual({ records: [...three.slice(0, kept.length), "9:next"], tornBytes: 0 });
      await truncate(path, 0);
    }
  });

  test("ends where a bit has changed, and gives what is sound behind it once more", async () => {
    await using folder = await openFolder();
    const path = await writeThree(folder.path);
    const whole = await readFile(path);
    const starts = [0, 12, 24, whole.length];
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const at = bit >> 3;
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (bit & 7)), at);
      await writeFile(path, changed);
      const hit = starts.findLastIndex((start) => start <= at);
      const [start = 0, end = 0] = starts.slice(hit);
      // The checksum tells the right length.
      const isMended = at < start + 4;
      const behind: string[] = [];
      const before: string[] = [];
      const note = (list: string[]) => (record: { tag: number; payload: Buffer }, position: number) => {
        expect(starts).toContain(position);
        list.push(`${record.tag}:${record.payload.toString("latin1")}`);
      };
      using log = openLog(folder.path);
      const tornBytes = log.replay(note(before), note(behind));
      expect({ bit, before, behind, tornBytes }).toEqual({
        bit,
        before: three.slice(0, hit),
        behind: three.slice(isMended ? hit : hit + 1),
        tornBytes: isMended ? 0 : end - start,
      });
      expect(log.end).toBe(start);
    }
  });

  test("holds records of many megabytes together, across the chunks it is read in", async () => {
    await using folder = await openFolder();
    const big = Buffer.alloc(5 * 1024 * 1024, "x");
    {
      using log = openLog(folder.path);
      log.begin(() => undefined);
      for (let i = 0; i < 9; i++) log.append(2, big, Buffer.of(i));
      for (let i = 0; i < 3_000; i++) log.append(4, Buffer.from(String(i)));
      log.flush();
    }
    using log = openLog(folder.path);
    const seen: string[] = [];
    log.replay(({ tag, payload }) => {
      seen.push(tag === 2 ? `${payload.length}/${payload.at(-1)}` : payload.toString());
    });
    expect(seen.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => `${big.length + 1}/${i}`));
    expect(seen.slice(9)).toEqual(Array.from({ length: 3_000 }, (_, i) => String(i)));
  });

  test("names the folder that cannot be opened", async () => {
    await using folder = await openFolder();
    await appendFile(`${folder.path}/file`, "");
    expect(() => openLog(`${folder.path}/file`)).toThrow(LogError);
    expect(() => openLog(`${folder.path}/file`)).toThrow(/\/file: cannot be opened/);
  });
});

describe("several segments", () => {
  /** Three records, then a segment with two more. */
  async function writeTwo(folder: string): Promise<void> {
    await writeThree(folder);
    using log = openLog(folder);
    log.begin(() => log.append(1, Buffer.from("uno")));
    log.append(2, Buffer.from("due"));
    log.flush();
  }
  const five = [...three, "1:uno", "2:due"];

  test("are named by where they start, and read as one sequence", async () => {
    await using folder = await openFolder();
    await writeTwo(folder.path);
    expect((await readdir(folder.path)).sort()).toEqual([first, second]);
    using log = openLog(folder.path);
    expect(replayed(log)).toEqual({ records: five, tornBytes: 0 });
    expect([log.starts, log.start, log.end, log.sizeBytes]).toEqual([[0, 33], 0, 57, 57]);
    expect([12, 33, 45].map((position) => log.read(position)?.payload.toString())).toEqual([
      "two",
      "uno",
      "due",
    ]);
  });

  test("go one by one, the oldest first; positions stay, and what is gone reads as nothing", async () => {
    await using folder = await openFolder();
    await writeTwo(folder.path);
    using log = openLog(folder.path);
    log.dropBelow(32);
    expect(log.starts).toEqual([0, 33]);
    log.dropBelow(1_000);
    expect([log.starts, log.sizeBytes]).toEqual([[33], 24]);
    expect(await readdir(folder.path)).toEqual([second]);
    expect(log.read(12)).toBeUndefined();
    expect(log.read(45)?.payload.toString()).toBe("due");
    expect(log.append(7)).toBe(57);
    log.flush();
    using again = openLog(folder.path);
    expect(replayed(again).records).toEqual(["1:uno", "2:due", "7:"]);
  });

  test("one whose first records were not all written does not exist", async () => {
    await using folder = await openFolder();
    await writeThree(folder.path);
    {
      using log = openLog(folder.path);
      const stopped = new Error("the process ends here");
      expect(() =>
        log.begin(() => {
          log.append(1, Buffer.from("uno"));
          log.flush();
          throw stopped;
        }),
      ).toThrow(stopped);
    }
    expect(await readdir(folder.path)).toContain(`${second}.new`);
    using log = openLog(folder.path);
    expect(replayed(log)).toEqual({ records: three, tornBytes: 0 });
    expect(await readdir(folder.path)).toEqual([first]);
  });

  test("only the last may be torn; damage elsewhere, or a missing file, is told with a remedy", async () => {
    await using folder = await openFolder();
    await writeTwo(folder.path);
    const path = join(folder.path, first);
    const whole = await readFile(path);
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(22) ^ 1, 22);
    await writeFile(path, changed);
    using damaged = openLog(folder.path);
    expect(() => replayed(damaged)).toThrow(/000\.log: it is damaged at byte 12, .* Remove the log's folder/);
    await writeFile(path, whole.subarray(0, 30));
    expect(() => openLog(folder.path)).toThrow(/ends at position 30, and the next file begins at 33/);
  });
});
