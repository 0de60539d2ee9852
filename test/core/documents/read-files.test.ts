import { execFile, spawn } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readBounded } from "../../../src/core/documents/read-bounded.ts";
import { readText } from "../../../src/core/documents/read-text.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const run = promisify(execFile);

/** A pipe with a name, and a shell that does something with it as $1. */
async function openPipe(folder: string, script: string) {
  const path = join(folder, "pipe");
  await run("mkfifo", [path]);
  const writer = spawn("sh", ["-c", script, "sh", path], { stdio: "ignore" });
  return { path, [Symbol.dispose]: () => writer.kill("SIGKILL") };
}

describe("a text file that somebody named", () => {
  test("may be a pipe, whose writer comes later and pauses", async () => {
    await using folder = await openTemporaryFolder();
    using pipe = await openPipe(folder.path, 'sleep 0.2; { echo one; sleep 0.2; echo two; } > "$1"');
    expect(readText(pipe.path)).toBe("one\ntwo\n");
  });

  test.each([
    ["a device without an end", "/dev/zero", "it is larger than 1 MiB"],
    ["a folder", "/", "EISDIR"],
  ])("is not %s", (_, path, message) => {
    expect(() => readText(path)).toThrow(message);
  });

  test("is not a pipe that stays open", { tags: "full" }, async () => {
    await using folder = await openTemporaryFolder();
    using pipe = await openPipe(folder.path, 'exec 3> "$1"; sleep 60');
    expect(() => readText(pipe.path)).toThrow("it is a pipe or a terminal with no end within 10 s");
  });
});

describe("a file that somebody may have put there", () => {
  test("is read up to its bound, and no byte further", async () => {
    await using folder = await openTemporaryFolder();
    const path = join(folder.path, "file");
    await writeFile(path, "abc");
    expect((await readBounded(path)).toString()).toBe("abc");
    await truncate(path, 1024 ** 2);
    expect(await readBounded(path, 1024 ** 2)).toHaveLength(1024 ** 2);
    await truncate(path, 1024 ** 2 + 1);
    await expect(readBounded(path, 1024 ** 2)).rejects.toThrow("it is larger than 1 MiB");
  });

  test("is not waited for", async () => {
    await using folder = await openTemporaryFolder();
    using pipe = await openPipe(folder.path, "");
    expect(await readBounded(pipe.path)).toHaveLength(0);
    expect(await readBounded("/dev/null")).toHaveLength(0);
    await expect(readBounded("/dev/zero", 1024 ** 2)).rejects.toThrow("it is larger than 1 MiB");
  });
});
