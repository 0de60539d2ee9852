import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { goProgramPath, prepareGoProgram } from "../../scripts/go-programs.ts";
import { until } from "../../src/core/async.ts";
import { claim } from "../../src/core/process/lock.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";

test("a name that it does not know is told with those that it knows, and nothing is built", () => {
  const script = fileURLToPath(new URL("../../scripts/go-programs.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "comet"], { encoding: "utf8" });
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toBe("go-programs: there is no comet. There are cometbft, cometbft-load-test.\n");
});

test("what is there is not built again, and who builds is waited for", async () => {
  await using cache = await makeTemporaryFolder();
  const path = goProgramPath("cometbft", cache.path);
  const owner = { run: "test", command: "vitest", inUse: "in use" };
  const said: string[] = [];
  const lock = await claim(join(cache.path, "cometbft.lock"), owner);
  const prepared = prepareGoProgram("cometbft", (line) => said.push(line), cache.path);
  try {
    const isReported = () => said[0];
    await until(isReported, { timeoutMs: 10_000, everyMs: 10, describe: () => "nobody is told of the lock" });
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "#!/bin/sh\n");
    await chmod(path, 0o755);
  } finally {
    await lock[Symbol.asyncDispose]();
  }
  expect(await prepared).toEqual({ available: true, path });
  expect(said).toEqual([expect.stringContaining("is held: test, process")]);
  expect(await prepareGoProgram("cometbft", () => {}, cache.path)).toEqual({ available: true, path });
  expect((await readdir(cache.path)).sort()).toEqual(["cometbft-0.38.26"]);
});
