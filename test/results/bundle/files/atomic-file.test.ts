import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { writeFileAtomically } from "../../../../src/results/bundle/files/atomic-file.ts";
import { BundleWriteError } from "../../../../src/results/bundle/write-error.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";

const writingProcess = fileURLToPath(new URL("../../atomic-writing-process.ts", import.meta.url));

/** Lets a process write until it has written `times` times and a little of the next, then kills it. */
async function writeAndKill(path: string, times: number): Promise<void> {
  const child = spawn(process.execPath, [writingProcess, path], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  try {
    let written = 0;
    for await (const _ of createInterface({ input: child.stdout })) {
      if (++written === times) break;
    }
    expect(written).toBe(times);
    // The next write has begun, and is somewhere else for each number of immediates waited for.
    for (let turn = 0; turn < times * 20; turn++) await new Promise(setImmediate);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

describe("writing a file atomically", () => {
  test("writes and replaces, and leaves nothing beside it", async () => {
    await using folder = await makeTemporaryFolder();
    const path = join(folder.path, "a.json");
    await writeFileAtomically(path, "one");
    await writeFileAtomically(path, "two");
    expect(await readFile(path, "utf8")).toBe("two");
    expect(await readdir(folder.path)).toEqual(["a.json"]);
  });

  test("leaves no temporary file and the old content where it fails", async () => {
    await using folder = await makeTemporaryFolder();
    const path = join(folder.path, "taken");
    await mkdir(path);
    await writeFile(join(path, "inside"), "kept");
    await expect(writeFileAtomically(path, "new")).rejects.toThrow(BundleWriteError);
    expect(await readdir(folder.path)).toEqual(["taken"]);
    expect(await readFile(join(path, "inside"), "utf8")).toBe("kept");
  });

  test("a killed writer leaves the whole old or the whole new file under the name", async () => {
    await using folder = await makeTemporaryFolder();
    const path = join(folder.path, "result.json");
    for (const times of [1, 2, 3, 4, 5]) {
      await writeAndKill(path, times);
      const [length, filler = ""] = (await readFile(path, "utf8")).split(":");
      expect(filler.length).toBe(Number(length) + 1);
      expect(new Set(filler.trimEnd()).size).toBe(1);
      // What it was just writing may lie beside it, hidden and recognisable.
      const others = (await readdir(folder.path)).filter((name) => name !== basename(path));
      for (const name of others) expect(name).toMatch(/^\.result\.json\.[0-9a-f]+\.tmp$/);
    }
  });
});
