import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { ownPid, readProcess } from "../../../src/core/process/processes.ts";
import {
  listTemporaryFolders,
  openTemporaryFolder as openMarkedFolder,
  removeDeadFolders,
} from "../../../src/core/process/temporary.ts";
import { untilGone } from "../../support/processes.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

const program = new URL("../../support/work-in-temporary-folder.ts", import.meta.url).pathname;

/** Another process with a folder below `parent`, and a command at work in that. */
async function startWorker(run: string, parent: string) {
  const child = spawn(process.execPath, [program, run, parent], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const path = said.toString().trim();
  const command = await until(
    async () => Number(await readFile(join(path, "pid"), "utf8").catch(() => "")) || undefined,
    { timeoutMs: 20_000, everyMs: 10, describe: () => "the command does not start" },
  );
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
    await untilGone(child.pid ?? 0);
  };
  return { path, command, kill };
}

describe("a temporary folder", () => {
  test("names run and process, is this user's alone, and goes when it is disposed of", async () => {
    await using folder = await openTemporaryFolder();
    {
      await using made = await openMarkedFolder("a run/1", folder.path);
      await writeFile(join(made.path, "file"), "content");
      const found = await listTemporaryFolders([folder.path]);
      expect(found).toEqual([{ path: made.path, run: "a_run_1", inUse: true }]);
      expect(made.path).toContain(`/baleen-tmp-a_run_1-${ownPid}-`);
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("of a living process stays; of a killed one it goes, with the commands at work in it", async () => {
    await using folder = await openTemporaryFolder();
    const [killed, other] = [await startWorker("r1", folder.path), await startWorker("r2", folder.path)];
    try {
      expect(await removeDeadFolders({ parents: [folder.path] })).toBe(0);
      await killed.kill();
      expect(await readProcess(killed.command)).toBeDefined();
      const found = (await listTemporaryFolders([folder.path])).sort((a, b) => (a.run < b.run ? -1 : 1));
      expect(found).toEqual([
        { path: killed.path, run: "r1", inUse: false },
        { path: other.path, run: "r2", inUse: true },
      ]);
      expect(await removeDeadFolders({ parents: [folder.path], run: "another" })).toBe(0);
      expect(await removeDeadFolders({ parents: [folder.path], run: "r1" })).toBe(1);
      await untilGone(killed.command);
      expect(await listTemporaryFolders([folder.path])).toEqual([found[1]]);
      expect(await readProcess(other.command)).toBeDefined();
    } finally {
      await other.kill();
      await removeDeadFolders({ parents: [folder.path] });
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("that is another user's, a link, or of another name is left alone", async () => {
    await using folder = await openTemporaryFolder();
    await using elsewhere = await openTemporaryFolder();
    await symlink(elsewhere.path, join(folder.path, "baleen-tmp-run-1-0123456789ab-AbCdE1"));
    await writeFile(join(folder.path, "baleen-tmp-run-1-0123456789ab-AbCdE2"), "");
    await mkdir(join(folder.path, "baleen-tmp-run-1"));
    const foreign = join(folder.path, "baleen-tmp-run-1-0123456789ab-AbCdE3");
    if (userInfo().uid === 0) {
      await mkdir(foreign);
      await chown(foreign, 4711, 4711);
    }
    const before = await readdir(folder.path);
    expect(await listTemporaryFolders([folder.path])).toEqual([]);
    expect(await removeDeadFolders({ parents: [folder.path] })).toBe(0);
    expect(await readdir(folder.path)).toEqual(before);
  });
});
