import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { readProcess } from "../../../src/core/process/processes.ts";
import { startKeeper } from "../../../src/deploy/process/life-line.ts";
import { untilGone } from "../../support/processes.ts";

/** A process that leads a group, whose child says its own id. */
async function startGroup(): Promise<{ leader: ChildProcess & { pid: number }; member: number }> {
  const inner = "process.stdout.write(String(process.pid)); setInterval(() => {}, 1000)";
  const outer = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}], {
    stdio: ["ignore", "inherit", "ignore"],
  }); setInterval(() => {}, 1000)`;
  const leader = spawn(process.execPath, ["-e", outer], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [said] = (await once(leader.stdout, "data")) as [Buffer];
  return { leader: leader as ChildProcess & { pid: number }, member: Number(said.toString()) };
}

const options = { nodeBinary: process.execPath, env: {} };

describe("a keeper", () => {
  test("ends whole groups when its input ends, and itself; what it was not told of lives on", async () => {
    const keeper = await startKeeper(options);
    const [kept, stranger] = await Promise.all([startGroup(), startGroup()]);
    try {
      await keeper.guard(kept.leader.pid);
      await keeper[Symbol.asyncDispose]();
      await untilGone(kept.leader.pid);
      await untilGone(kept.member);
      await untilGone(keeper.pid);
      expect(await readProcess(stranger.member)).toBeDefined();
    } finally {
      process.kill(-stranger.leader.pid, "SIGKILL");
    }
  });

  test("ends what the first of a group left behind when it ended", async () => {
    await using keeper = await startKeeper(options);
    const { leader, member } = await startGroup();
    await keeper.guard(leader.pid);
    leader.kill("SIGKILL");
    await untilGone(leader.pid);
    expect(await readProcess(member)).toBeDefined();
    await keeper[Symbol.asyncDispose]();
    await untilGone(member);
  });

  test("has nothing to do for a process that has ended", async () => {
    await using keeper = await startKeeper(options);
    const ended = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
    await once(ended, "exit");
    await keeper.guard(ended.pid ?? 0);
    await keeper[Symbol.asyncDispose]();
    await untilGone(keeper.pid);
  });
});
