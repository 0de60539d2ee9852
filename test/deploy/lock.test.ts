import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { LockedError, listDeadLocks, removeDeadLock } from "../../src/core/process/lock.ts";
import { ownPid, readProcess } from "../../src/core/process/processes.ts";
import { acquireLock, readLock } from "../../src/deploy/lock.ts";
import { untilGone } from "../support/processes.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const program = new URL("../support/take-lock.ts", import.meta.url).pathname;
const signal = new AbortController().signal;

/** Another process that takes the lock when told to. */
async function startTaker(stateDir: string, run: string) {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [program, stateDir, run],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const say = async () => (await lines.next()).value as string;
  await say();
  return {
    pid: child.pid ?? 0,
    /** Lets it try, and tells what it said. */
    take: () => {
      child.stdin.write("now\n");
      return say();
    },
    giveBack: async () => {
      child.stdin.write("now\n");
      await once(child, "exit");
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

const request = (stateDir: string, run = "run-a") => ({ stateDir, run, command: "benchmark --x", signal });

describe("the lock", () => {
  test("is held until it is given back, and says by whom", async () => {
    await using folder = await openTemporaryFolder();
    const stateDir = join(folder.path, "not", "there", "yet");
    expect(await readLock(stateDir)).toBeUndefined();
    {
      await using _lock = await acquireLock(request(stateDir));
      const holder = await readLock(stateDir);
      expect(holder).toMatchObject({ pid: ownPid, run: "run-a", command: "benchmark --x" });
      expect(holder?.processStart).toBe((await readProcess(ownPid))?.start);
      expect(Math.abs(Date.parse(holder?.since ?? "") - Date.now())).toBeLessThan(60_000);
    }
    expect(await readLock(stateDir)).toBeUndefined();
    expect(await readdir(stateDir)).toEqual([]);
  });

  test("of a living process refuses others, with all that one must know", async () => {
    await using folder = await openTemporaryFolder();
    const taker = await startTaker(folder.path, "run-other");
    try {
      expect(await taker.take()).toBe("taken");
      const error = await acquireLock(request(folder.path)).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(LockedError);
      const { code, message, holder } = error as LockedError;
      expect(code).toBe("locked");
      expect(message).toContain("run-other");
      expect(message).toContain(`process ${taker.pid} (take-lock)`);
      expect(message).toContain(holder.since);
      expect(message).not.toContain("\n");
      expect(await readLock(folder.path)).toMatchObject({ run: "run-other", pid: taker.pid });
      await taker.giveBack();
      await using _lock = await acquireLock(request(folder.path));
    } finally {
      await taker.kill();
    }
  });

  test("refuses a second run of the same process", async () => {
    await using folder = await openTemporaryFolder();
    await using _lock = await acquireLock(request(folder.path));
    await expect(acquireLock(request(folder.path, "run-b"))).rejects.toThrow(LockedError);
    expect((await readLock(folder.path))?.run).toBe("run-a");
  });

  test("of a killed process is taken over", async () => {
    await using folder = await openTemporaryFolder();
    const taker = await startTaker(folder.path, "run-dead");
    expect(await taker.take()).toBe("taken");
    await taker.kill();
    await untilGone(taker.pid);
    expect(await readLock(folder.path)).toBeUndefined();
    await using _lock = await acquireLock(request(folder.path));
    expect((await readLock(folder.path))?.run).toBe("run-a");
    expect(await readdir(folder.path)).toEqual(["lock"]);
  });

  test.each([
    ["a process that has this pid now, but is another one", { pid: ownPid, processStart: "boot/1" }],
    ["a pid that is none", { pid: -1, processStart: "" }],
  ])("of %s is taken over", async (_, holder) => {
    await using folder = await openTemporaryFolder();
    await writeLock(folder.path, { ...holder, run: "run-old", since: "then", command: "c", id: "old-id" });
    expect(await readLock(folder.path)).toBeUndefined();
    await using _lock = await acquireLock(request(folder.path));
    expect((await readLock(folder.path))?.run).toBe("run-a");
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '{"pid":"x"}',
    '{"pid":1,"processStart":"","run":"","since":"","command":"","id":"../x"}',
  ])("whose file holds %j is taken over", async (text) => {
    await using folder = await openTemporaryFolder();
    await writeFile(join(folder.path, "lock"), text);
    expect(await readLock(folder.path)).toBeUndefined();
    await using _lock = await acquireLock(request(folder.path));
    expect((await readLock(folder.path))?.run).toBe("run-a");
    expect(await readdir(folder.path)).toEqual(["lock"]);
  });

  test("is taken over though one who took it over before died in the middle of it", async () => {
    await using folder = await openTemporaryFolder();
    const dead = { pid: ownPid, processStart: "boot/1", since: "then", command: "c" };
    await writeLock(folder.path, { ...dead, run: "first", id: "id-1" });
    await writeLock(folder.path, { ...dead, run: "second", id: "id-2" }, "lock.id-1");
    await using _lock = await acquireLock(request(folder.path));
    expect((await readLock(folder.path))?.run).toBe("run-a");
    expect(await readdir(folder.path)).toEqual(["lock"]);
  });

  test("of dead ones, and what they needed to take it, is found and removed; of living ones it stays", async () => {
    await using folder = await openTemporaryFolder();
    const dead = { pid: ownPid, processStart: "boot/1", since: "then", command: "c", id: randomUUID() };
    const taking = `lock.${dead.id}.${randomUUID()}.new`;
    for (const name of ["lock", "run-1.lock", `lock.${dead.id}`, taking]) {
      await writeLock(folder.path, { ...dead, run: "run-1" }, name);
    }
    const cut = join(folder.path, `lock.${randomUUID()}.new`);
    const begun = join(folder.path, `lock.${randomUUID()}.new`);
    for (const path of [cut, begun]) await writeFile(path, "{");
    await utimes(cut, 0, 0);
    for (const name of ["block", "lock.txt", "unlock"]) await writeLock(folder.path, dead, name);
    await using _living = await acquireLock(request(join(folder.path, "elsewhere")));
    await rename(join(folder.path, "elsewhere", "lock"), join(folder.path, "run-2.lock"));

    const found = await listDeadLocks(folder.path);
    expect(found.map(({ path, run }) => [basename(path), run]).sort()).toEqual(
      [
        ["lock", "run-1"],
        ["run-1.lock", "run-1"],
        [`lock.${dead.id}`, "run-1"],
        [taking, "run-1"],
        [basename(cut), "?"],
      ].sort(),
    );
    // Taken after it was found dead.
    await using _later = await acquireLock(request(folder.path));
    for (const one of found) await removeDeadLock(one);
    expect((await readdir(folder.path)).sort()).toEqual(
      ["block", "elsewhere", "lock", basename(begun), "lock.txt", "run-2.lock", "unlock"].sort(),
    );
  });

  test("is not given back where it is another's by now", async () => {
    await using folder = await openTemporaryFolder();
    const lock = await acquireLock(request(folder.path));
    const text = await readFile(join(folder.path, "lock"), "utf8");
    await writeFile(join(folder.path, "lock"), text.replace(/"id":"[^"]+"/, '"id":"another"'));
    await lock[Symbol.asyncDispose]();
    expect(await readdir(folder.path)).toEqual(["lock"]);
  });

  test("is not taken after an abort", async () => {
    await using folder = await openTemporaryFolder();
    const aborted = { ...request(folder.path), signal: AbortSignal.abort("why") };
    await expect(acquireLock(aborted)).rejects.toBe("why");
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("a race for the lock", () => {
  test("in one process: of many at once one wins, again and again", async () => {
    await using folder = await openTemporaryFolder();
    const dead = { pid: ownPid, processStart: "boot/1", since: "then", command: "c", run: "dead" };
    for (let round = 0; round < 40; round++) {
      if (round % 2 === 0) await writeLock(folder.path, { ...dead, id: `dead-${round}` });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => acquireLock(request(folder.path, `run-${i}`))),
      );
      const winners = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(LockedError);
      }
      for (const winner of winners) await winner.value[Symbol.asyncDispose]();
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  test.each(["no lock", "a dead one's lock"])("of several processes, with %s: one wins", async (before) => {
    await using folder = await openTemporaryFolder();
    const stateDir = join(folder.path, "state");
    await mkdir(stateDir);
    const takers = await Promise.all(Array.from({ length: 5 }, (_, i) => startTaker(stateDir, `run-${i}`)));
    try {
      if (before !== "no lock") {
        const dead = { pid: ownPid, processStart: "boot/1", since: "then", command: "c", run: "dead" };
        await writeLock(stateDir, { ...dead, id: "dead-id" });
      }
      const said = await Promise.all(takers.map((taker) => taker.take()));
      const winner = said.indexOf("taken");
      expect(said.filter((text) => text === "taken")).toHaveLength(1);
      expect(said.filter((text) => text === `locked by run-${winner}`)).toHaveLength(4);
      expect(await readLock(stateDir)).toMatchObject({ run: `run-${winner}`, pid: takers[winner]?.pid });
      await takers[winner]?.giveBack();
      expect(await readdir(stateDir)).toEqual([]);
    } finally {
      for (const taker of takers) await taker.kill();
    }
  });
});

function writeLock(stateDir: string, holder: Record<string, unknown>, name = "lock"): Promise<void> {
  return writeFile(join(stateDir, name), JSON.stringify(holder));
}
