import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LineFile } from "../../../../src/results/bundle/files/line-file.ts";
import { BundleWriteError } from "../../../../src/results/bundle/write-error.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";

describe("a file that grows by lines", () => {
  test("holds every line in order once it is closed, and none that came later", async () => {
    await using folder = await makeTemporaryFolder();
    const path = join(folder.path, "lines");
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index} – ≥`);
    const file = await LineFile.open(path);
    for (const line of lines) file.append(line);
    await Promise.all([file.close(), file.close()]);
    file.append("too late");
    await file.close();
    expect(file.failure).toBeUndefined();
    expect(await readFile(path, "utf8")).toBe(`${lines.join("\n")}\n`);
  });

  test("does not let memory grow where the disk cannot follow", async () => {
    await using folder = await makeTemporaryFolder();
    const path = join(folder.path, "lines");
    const file = await LineFile.open(path);
    const line = "x".repeat(1_000_000);
    for (let count = 0; count < 12; count++) file.append(line); // in one turn: nothing can be written meanwhile
    expect(file.failure?.message).toMatch(/disk is too slow/);
    await file.close();
    const written = (await readFile(path, "utf8")).split("\n");
    expect(written.pop()).toBe("");
    expect(written.length).toBeLessThanOrEqual(9);
    expect(new Set(written)).toEqual(new Set([line]));
  });

  test("does not overwrite what is there", async () => {
    await using folder = await makeTemporaryFolder();
    const path = join(folder.path, "lines");
    await writeFile(path, "precious");
    await expect(LineFile.open(path)).rejects.toThrow(BundleWriteError);
    expect(await readFile(path, "utf8")).toBe("precious");
  });
});
