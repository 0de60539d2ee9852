import { readdir, readFile, stat } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLogFile, readLogTail } from "../../../src/deploy/nodes/log-file.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

describe("a log file", () => {
  test("takes what is appended, in order, behind what it holds already", async () => {
    await using folder = await openTemporaryFolder();
    const path = join(folder.path, "node.log");
    for (const part of ["first", "second"]) {
      await using log = await openLogFile(path, 1_000_000);
      for (let i = 0; i < 100; i++) void log.append(Buffer.from(`${part} ${i}\n`));
    }
    const lines = (await readFile(path, "utf8")).split("\n");
    expect(lines).toHaveLength(201);
    expect(lines.slice(0, 2)).toEqual(["first 0", "first 1"]);
    expect(lines.slice(-3)).toEqual(["second 98", "second 99", ""]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("never takes more space than its limit, and keeps the newest", async () => {
    await using folder = await openTemporaryFolder();
    const path = join(folder.path, "node.log");
    await using log = await openLogFile(path, 10_000);
    for (let i = 0; i < 5000; i++) {
      await log.append(Buffer.from(`line ${i}\n`));
      if (i % 500 === 0) expect(await sizeOf(folder.path)).toBeLessThanOrEqual(10_000);
    }
    expect(await sizeOf(folder.path)).toBeLessThanOrEqual(10_000);
    expect(await readLogTail(path, 500)).toBe(
      Array.from({ length: 500 }, (_, i) => `line ${4500 + i}`).join("\n"),
    );
  });

  test.runIf(platform() === "linux")("drops what cannot be written, goes on, and says so", async () => {
    // Every write to this device fails: no space left.
    await using log = await openLogFile("/dev/full", 10_000);
    await log.append(Buffer.from("lost\n"));
    await log.append(Buffer.from("lost too\n"));
    expect(log.lost()).toMatch(/ENOSPC/);
  });
});

describe("the tail of a log", () => {
  test.each([
    ["fewer lines than asked for", "a\nb\n", 5, "a\nb"],
    ["more lines than asked for", "a\nb\nc\n", 2, "b\nc"],
    ["a last line without an end", "a\nb", 1, "b"],
    ["empty lines", "a\n\n\n", 2, "\n"],
    ["nothing", "", 3, ""],
  ])("%s", async (_, text, lines, tail) => {
    await using folder = await openTemporaryFolder();
    const path = join(folder.path, "node.log");
    await using log = await openLogFile(path, 1_000_000);
    await log.append(Buffer.from(text));
    expect(await readLogTail(path, lines)).toBe(tail);
  });

  test("is empty where there is no log", async () => {
    expect(await readLogTail("/no/such/log", 3)).toBe("");
  });
});

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
