import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkOutputDir } from "../../../src/results/bundle/folders.ts";
import { makeTemporaryFolder, mountDisk, noMountReason } from "../temporary-folder.ts";

describe("checking the output folder", () => {
  test("finds nothing wrong and leaves nothing behind, whether the folder is there or not", async () => {
    await using folder = await makeTemporaryFolder();
    const existing = join(folder.path, "there");
    await mkdir(existing);
    await writeFile(join(existing, "result"), "kept");
    expect(await checkOutputDir(existing)).toBeUndefined();
    expect(await checkOutputDir(join(folder.path, "new", "deep", "folder"))).toBeUndefined();
    expect(await readdir(folder.path, { recursive: true })).toEqual(["there", join("there", "result")]);
  });

  test("many checks at once, as of a variation's points, do not hinder each other", async () => {
    await using folder = await makeTemporaryFolder();
    const output = join(folder.path, "new", "benchmarks");
    const found = await Promise.all(Array.from({ length: 100 }, () => checkOutputDir(output)));
    expect(found.filter((one) => one !== undefined)).toEqual([]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("says in a line that a part of the path is a file, and leaves nothing behind", async () => {
    await using folder = await makeTemporaryFolder();
    await writeFile(join(folder.path, "file"), "");
    const diagnostic = await checkOutputDir(join(folder.path, "file", "benchmarks"));
    expect(diagnostic).toEqual({
      code: "output-dir",
      message: expect.stringMatching(
        /^Cannot write .*file\/benchmarks: a part of the path is a file.*--output-dir/,
      ),
    });
    expect(diagnostic?.message).not.toContain("\n");
    expect(await readdir(folder.path)).toEqual(["file"]);
  });

  test("removes the parents it made where a deeper folder is impossible", async () => {
    await using folder = await makeTemporaryFolder();
    const diagnostic = await checkOutputDir(join(folder.path, "new", "x".repeat(300)));
    expect(diagnostic?.message).toMatch(/the name is too long/);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("finds a read-only file system", async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    await using disk = await mountDisk("size=64k,ro");
    expect((await checkOutputDir(join(disk.path, "benchmarks")))?.message).toMatch(
      /file system is read-only/,
    );
    expect((await checkOutputDir(disk.path))?.message).toMatch(/file system is read-only/);
  });

  test("finds a full disk", async (context) => {
    if (noMountReason !== undefined) context.skip(noMountReason);
    await using disk = await mountDisk("size=64k");
    await writeFile(join(disk.path, "filler"), Buffer.alloc(64 * 1024));
    expect((await checkOutputDir(disk.path))?.message).toMatch(/^No space left on/);
    expect(await readdir(disk.path)).toEqual(["filler"]);
  });
});
