import { appendFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { followLog } from "../../../src/deploy/nodes/log-file.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

function start(path: string, tailLines: number) {
  const abort = new AbortController();
  const seen = { text: "" };
  const onText = (text: string) => {
    seen.text += text;
  };
  const ended = followLog(path, { tailLines, onText, signal: abort.signal });
  const shows = (text: string) => expect.poll(() => seen.text, { timeout: 20_000, interval: 20 }).toBe(text);
  return { abort, ended, shows };
}

test("tells the last lines, what comes, and goes on in the file that takes its place", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "node0.log");
  await writeFile(`${path}.1`, "a\nb\n");
  await writeFile(path, "c\nd");
  const { ended, shows } = start(path, 3);
  await shows("b\nc\nd");
  const snowman = Buffer.from("☃\n");
  await appendFile(path, snowman.subarray(0, 2));
  await appendFile(path, snowman.subarray(2));
  await shows("b\nc\nd☃\n");
  await appendFile(path, "e\n");
  await rename(path, `${path}.1`);
  await writeFile(path, "f\n");
  await shows("b\nc\nd☃\ne\nf\n");
  await rm(path);
  await ended;
});

test("ends at once on abort, and where there is no log", async () => {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "node0.log");
  await start(path, 10).ended;
  await writeFile(path, "a\n");
  const { abort, ended, shows } = start(path, 10);
  await shows("a\n");
  abort.abort();
  await ended;
});
