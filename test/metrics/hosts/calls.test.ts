/** Reads and writes of a real process, as the kernel counts them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { delay } from "../../../src/core/async.ts";
import { openLocalReader } from "../../../src/metrics/hosts/reader.ts";
import { differNodes } from "../../../src/metrics/hosts/second.ts";
import { makeTemporaryFolder } from "../../results/temporary-folder.ts";

/** Writes so many blocks whenever it is told to, each with fsync. */
const script = `
const { openSync, writeSync, fsyncSync } = require("node:fs");
const file = openSync(process.argv[1], "w");
process.stdin.on("data", (line) => {
  for (let left = Number(line); left > 0; left--) {
    writeSync(file, Buffer.alloc(4096));
    fsyncSync(file);
  }
  console.log("done");
});
console.log("ready");
`;

test.runIf(process.platform === "linux")("a known number of blocks that are written is found", async () => {
  await using folder = await makeTemporaryFolder();
  const file = join(folder.path, "blocks");
  const child = spawn(process.execPath, ["-e", script, file], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    expect(await lines.next()).toMatchObject({ value: "ready" });
    const own = [{ pid: child.pid ?? 0, node: "node0" }];
    await using reader = openLocalReader();
    const before = await reader.read(own);
    child.stdin.write("50");
    expect(await lines.next()).toMatchObject({ value: "done" });
    // Two looks must lie a tenth of a second apart.
    await delay(100);
    const after = await reader.read(own);
    if (before === undefined || after === undefined) throw new Error("this machine tells nothing");
    const [node] = differNodes(before, after, own);
    expect(statSync(file).size).toBe(50 * 4096);
    // Besides: "done", and what wakes threads of Node.js.
    expect(node?.writes).toBeGreaterThanOrEqual(51);
    expect(node?.writes).toBeLessThan(70);
    expect(node?.reads).toBeGreaterThanOrEqual(1);
  } finally {
    child.kill();
    await once(child, "exit");
  }
});
