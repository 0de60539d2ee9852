import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readProcess } from "../../../src/core/process/processes.ts";
import { listProcessRuns, removeDeadRun } from "../../../src/deploy/process/folder.ts";
import { untilGone } from "../../support/processes.ts";
import { deployIn, planSmallNodes, startsOf } from "../../support/small-network.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

describe("what a killed orchestrator left", () => {
  test("ends by itself, paused nodes are ended by the next run, and its data is removed", async () => {
    await using folder = await openTemporaryFolder();
    const program = new URL("../../support/deploy-small-network.ts", import.meta.url).pathname;
    const orchestrator = spawn(process.execPath, [program, folder.path, "run-dead"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const end = once(orchestrator, "exit");
    await once(orchestrator.stdout, "data");
    const [alive = 0] = await startsOf(folder.path, "node0", "run-dead");
    const [paused = 0] = await startsOf(folder.path, "node1", "run-dead");

    // As long as it lives, nobody touches it.
    const first = await deployIn(folder.path, planSmallNodes(1), "run-2");
    await first.network.stop("keep");
    expect(await readProcess(alive)).toBeDefined();
    expect(await readdir(join(folder.path, "runs"))).toEqual(["run-dead", "run-dead.lock"]);
    expect(await listProcessRuns(folder.path)).toMatchObject([{ run: "run-dead", inUse: true }]);
    expect(await removeDeadRun(folder.path, "run-dead")).toBeUndefined();
    expect(await removeDeadRun(folder.path, "run-none")).toBeUndefined();

    orchestrator.kill("SIGKILL");
    await end;
    await untilGone(alive);
    expect(await readProcess(paused)).toBeDefined();
    const left = { run: "run-dead", folder: join(folder.path, "runs", "run-dead") };
    expect(await listProcessRuns(folder.path)).toEqual([
      { ...left, inUse: false, running: [{ node: "node1", pid: paused }] },
    ]);
    const second = await deployIn(folder.path, planSmallNodes(1), "run-3");
    await using _ = second.network;
    expect(await readProcess(paused)).toBeUndefined();
    expect((await readdir(join(folder.path, "runs"))).sort()).toEqual(["run-3", "run-3.lock"]);
    expect(second.events).toContainEqual({
      type: "network-step",
      step: "removed what run run-dead left behind",
      detail: "its process is dead; 1 of its nodes were still running and were stopped",
    });
  });

  test("does not cost a stranger that has the pid now", async () => {
    await using folder = await openTemporaryFolder();
    const old = join(folder.path, "runs", "run-old");
    await mkdir(old, { recursive: true });
    await writeFile(join(old, "node0.pid"), JSON.stringify({ pid: process.pid, start: "boot/1" }));
    await writeFile(join(old, "node1.pid"), "{");
    const { network } = await deployIn(folder.path, planSmallNodes(1));
    await using _ = network;
    expect((await readdir(join(folder.path, "runs"))).sort()).toEqual(["run-1", "run-1.lock"]);
  });
});
