/** Crash faults on validators that are processes. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { someOf } from "../support/some-of.ts";
import {
  backArgs,
  type CrashRun,
  crashArgs,
  deadArgs,
  expectOneBack,
  expectOneDead,
  runCrashes,
} from "./crash-runs.ts";
import { sendSignal } from "./machine.ts";
import { openSetting } from "./setting.ts";

const failover = [
  ["on", { failover: true, args: ["--failover"] }],
  ["off", { failover: false, args: [] }],
] as const;

describe.concurrent("nodes that crash when the window opens", () => {
  someOf(failover, 1)(
    "stay down: a quarter of the transactions fails, unless failover: %s",
    async (_, row) => {
      await using setting = await openSetting();
      const { runs, stderr } = await runCrashes(setting, ...deadArgs, ...row.args);
      expect(runs).toHaveLength(1);
      for (const run of runs) expectOneDead(run, row);
      expect(stderr).toMatch(/^crashing node3, \d\.\d s into the window\nnode3 is down, \d\.\d s into/m);
      const summary = await readFile(join(await setting.bundle(), "summary.txt"), "utf8");
      expect(summary).toContain("\nFaults: 1 of 4 nodes crashes at the start\n");
      await setting.expectNothingLeft();
    },
  );

  someOf(failover, 1)("come back, and catch up while the load goes on; failover: %s", async (_, row) => {
    await using setting = await openSetting();
    const { runs, stderr } = await runCrashes(setting, ...backArgs, ...row.args);
    for (const run of runs) expectOneBack(run, row);
    expect(stderr).toMatch(/^node3 has caught up, /m);
    expect(stderr).toMatch(/^sees node3's commits again; \d+ missed heights fetched$/m);
    const bundle = await setting.bundle();
    const events = (await readFile(join(bundle, "events.ndjson"), "utf8")).trimEnd().split("\n");
    const faults = events.map((line) => JSON.parse(line)).filter(({ type }) => type === "fault");
    expect(faults.map(({ stage, action, node }) => [stage, action, node])).toEqual([
      ["issued", "crash", "node3"],
      ["effective", "crash", "node3"],
      ["issued", "recover", "node3"],
      ["effective", "recover", "node3"],
    ]);
    await setting.expectNothingLeft();
  });

  test("are started again before the next load of a kept network", { tags: "full" }, async () => {
    await using setting = await openSetting();
    const { runs, stderr } = await runCrashes(setting, ...deadArgs, "--loads=40,40", "--keep-network");
    expect(runs).toHaveLength(2);
    for (const run of runs) expectOneDead(run, { failover: false });
    expect(stderr.match(/^restarted node3, which had crashed$/gm)).toHaveLength(1);
    await setting.expectNothingLeft();
  });

  test("are more than the committee tolerates, where that is allowed: nothing commits", {
    tags: "full",
  }, async () => {
    await using setting = await openSetting();
    const args = [...crashArgs, "--faults=2", "--allow-no-quorum", "--duration=3", "--drain=1"];
    const { code, stdout } = await setting.start("benchmark", args).ended;
    expect(code).toBe(0);
    const { runs } = JSON.parse(stdout) as { runs: CrashRun[] };
    expect(runs).toMatchObject([{ results: { faults: [{ node: "node2" }, { node: "node3" }] } }]);
    // What was decided as the nodes fell may still be seen.
    expect(runs[0]?.results.successful_transactions).toBeLessThan(10);
    await setting.expectNothingLeft();
  });
});

describe.concurrent("with crash faults", () => {
  test("a node that dies unasked after its recovery makes the run invalid; exit 3", {
    tags: "full",
  }, async () => {
    await using setting = await openSetting();
    const fault = ["--faults=1", "--crash-recovery", "--crash-interval=2", "--duration=5"];
    const args = [...crashArgs, ...fault, "--drain=1"];
    const command = setting.start("benchmark", args);
    await command.says(/^node3 has caught up/);
    sendSignal((await setting.nodes()).get("node3") ?? 0, "SIGKILL");
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(3);
    expect(stderr).toContain("warning: node3 ended unexpectedly with signal SIGKILL\n");
    const { runs } = JSON.parse(stdout) as { runs: CrashRun[] };
    expect(runs[0]?.verdict).toMatchObject({
      status: "invalid",
      reasons: expect.arrayContaining(["node3 ended by SIGKILL unexpectedly"]),
    });
    await setting.expectNothingLeft();
  });

  someOf([["node3 is down"], ["starting node3 again"]], 1)(
    "Ctrl-C after %j leaves nothing behind; exit 130",
    async (moment) => {
      await using setting = await openSetting();
      const args = ["--faults=1", "--crash-recovery", "--crash-interval=2", "--duration=30"];
      const command = setting.start("benchmark", [...crashArgs, ...args]);
      await command.says(new RegExp(`^${moment}`));
      command.child.kill("SIGINT");
      expect((await command.ended).code).toBe(130);
      await setting.expectNothingLeft();
    },
  );
});
