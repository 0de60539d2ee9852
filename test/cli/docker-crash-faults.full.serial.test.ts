/** Crash faults on validators that are containers of a real engine. */
import { describe, expect, test } from "vitest";
import { backArgs, deadArgs, expectOneBack, expectOneDead, runCrashes } from "./crash-runs.ts";
import {
  countLeftovers,
  dockerCommand,
  findContainer,
  nothing,
  openDockerSetting,
  parseLeftBehind,
  whyNoDocker,
} from "./docker-setting.ts";

describe.skipIf(whyNoDocker !== undefined)(`containers that crash ${whyNoDocker ?? ""}`, () => {
  test("stay down, and their clients' transactions fail", async () => {
    await using setting = await openDockerSetting();
    const { runs, stderr } = await runCrashes(setting, ...deadArgs, "--cleanup-thorough");
    expect(runs).toHaveLength(1);
    for (const run of runs) expectOneDead(run, { failover: false });
    expect(stderr).not.toContain("Left behind");
  });

  test("stay down, and failover sends their transactions to the next node", async () => {
    await using setting = await openDockerSetting();
    const { runs } = await runCrashes(setting, ...deadArgs, "--failover", "--cleanup-thorough");
    for (const run of runs) expectOneDead(run, { failover: true });
  });

  test.each([
    { failover: false, args: [] },
    { failover: true, args: ["--failover"] },
  ])("come back on their ports and data; with failover: $failover", async (row) => {
    await using setting = await openDockerSetting();
    const { runs } = await runCrashes(setting, ...backArgs, "--cleanup-thorough", ...row.args);
    expect(runs).toHaveLength(1);
    for (const run of runs) expectOneBack(run, row);
  });

  test("are started again where the network is left running", async () => {
    await using setting = await openDockerSetting();
    const command = setting.start("benchmark", [
      "--loads=40",
      "--duration=2",
      "--warm-up=0",
      "--drain=1",
      "--faults=1",
      "--no-file-output",
    ]);
    expect((await command.ended).code).toBe(0);
    expect(command.seen.stderr).toMatch(/^restarted node3, which had crashed$/m);
    const left = parseLeftBehind(command.seen.stderr)?.what ?? [];
    expect(left.filter((what) => /^container .* \(running\)$/.test(what))).toHaveLength(4);
  });

  test("are started again, or gone, after Ctrl-C while they are down", async () => {
    await using setting = await openDockerSetting();
    const args = ["--loads=40", "--duration=60", "--warm-up=0", "--faults=1", "--no-file-output"];
    const kept = setting.start("benchmark", args);
    await kept.says(/^node3 is down/);
    kept.child.kill("SIGINT");
    expect((await kept.ended).code).toBe(130);
    const container = await findContainer(setting.runOf(kept), 3);
    expect(await dockerCommand("inspect", "--format", "{{.State.Running}}", container)).toBe("true");

    const removed = setting.start("benchmark", [...args, "--cleanup-thorough"]);
    await removed.says(/^node3 is down/);
    removed.child.kill("SIGINT");
    expect((await removed.ended).code).toBe(130);
    expect(await countLeftovers(setting.runOf(removed))).toEqual(nothing);
  });
});
