/** Nodes that die, an orchestrator that is stopped, slept through or killed. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../src/cli/terminal/context.ts";
import { delay, until } from "../../src/core/async.ts";
import {
  type Clock,
  createProcessDeployer,
  defaultParameters,
  formatRunBlock,
  runSweep,
  systemClock,
} from "../../src/index.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";
import { findChild, findProcesses, sendSignal } from "./machine.ts";
import { openSetting } from "./setting.ts";

async function readRun(bundle: string) {
  const [name = "none"] = (await readdir(bundle)).filter((file) => file.startsWith("local_benchmark_1_"));
  return JSON.parse(await readFile(join(bundle, name), "utf8")) as {
    verdict: { status: string; reasons: string[] };
    nodes: { name: string; exited_unasked: boolean }[];
    ledger: { scheduled: number };
  };
}

describe("a node that is killed", () => {
  test("in the window: the run goes on to its end and is invalid, by that node's name; exit 3", async () => {
    await using setting = await openSetting();
    const command = setting.start("benchmark", ["--loads=100", "--duration=4", "--warm-up=1", "--drain=2"]);
    await command.says("measuring");
    sendSignal((await setting.nodes()).get("node2") ?? 0, "SIGKILL");
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(3);
    const reason = "node2 ended by SIGKILL unexpectedly";
    expect(stderr).toContain("warning: node2 ended unexpectedly with signal SIGKILL\n");
    expect(stdout).toContain(reason);
    const bundle = await setting.bundle();
    const { verdict, nodes, ledger } = await readRun(bundle);
    expect(verdict).toMatchObject({ status: "invalid", reasons: expect.arrayContaining([reason]) });
    expect(nodes.map(({ exited_unasked }) => exited_unasked)).toEqual([false, false, true, false]);
    expect(ledger.scheduled).toBe(400);
    for (const node of nodes) {
      const log = await readFile(join(bundle, "logs", `1-${node.name}.log`), "utf8");
      expect(log).toContain('"validator runs"');
      // The killed one had no chance to say good-bye, and the others were not yet asked to stop.
      expect(log).not.toContain('"validator stops"');
    }
    await setting.expectNothingLeft();
  });

  test("before the network is ready: exit 1, with its last words", async () => {
    await using setting = await openSetting();
    const command = setting.start("benchmark", ["--loads=50", "--min-round-delay=60000"]);
    await command.says("waiting until every node commits");
    sendSignal((await setting.nodes()).get("node1") ?? 0, "SIGKILL");
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(1);
    const error = stderr.slice(stderr.indexOf("error: "));
    expect(error).toMatch(/^error: A node ended before the network was ready\./);
    expect(error).toContain("node1: ended by SIGKILL");
    expect(error).toContain('"message":"validator runs","authority":1');
    expect(stdout).not.toContain("BENCHMARK RESULT");
    const bundle = await setting.bundle();
    expect(await readFile(join(bundle, "logs", "1-node1.log"), "utf8")).toContain('"validator runs"');
    await setting.expectNothingLeft();
  });
});

describe("the load generator", () => {
  test.each([
    { args: [], wanted: 0 },
    { args: ["--strict"], wanted: 3 },
  ])("stopped for 2 s in the window: generator-limited, and why; exit $wanted with $args", async (row) => {
    await using setting = await openSetting();
    const args = ["--loads=100", "--duration=5", "--warm-up=0", ...row.args];
    const command = setting.start("benchmark", args);
    await command.says("measuring");
    const clients = await findChild(command.pid, "client/main");
    sendSignal(clients, "SIGSTOP");
    await delay(2000);
    sendSignal(clients, "SIGCONT");
    const { code, stdout } = await command.ended;
    expect(code).toBe(row.wanted);
    expect(stdout).toMatch(/VERDICT: GENERATOR-LIMITED/);
    const { verdict } = await readRun(await setting.bundle());
    expect(verdict.status).toBe("generator-limited");
    expect(verdict.reasons).toContainEqual(
      expect.stringMatching(/^the load generator stalled for 2\.\d s, [01]\.\d s into the window$/),
    );
    await setting.expectNothingLeft();
  });

  test("on a machine that slept for a minute in the window: invalid, and why; exit 3", async () => {
    await using setting = await openSetting();
    let asleepMs = 0;
    const clock: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + asleepMs };
    const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
    // In this thread, so that they have this clock.
    const { module: _, ...protocol } = buildStandInProtocol({
      replyDelayMs: 0,
      commit: { kind: "after", ms: 20 },
    });
    const { results } = await runSweep(
      { ...defaults, loadsTps: [100], durationSecs: 3, warmUpSecs: 0.5, committee: 1 },
      {
        protocol,
        deployer: createProcessDeployer({
          nodeBinary: process.execPath,
          stateDir: setting.stateDir,
          env: process.env,
        }),
        clientRuntime: { nodeBinary: process.execPath, env: process.env },
        emit: (event) => {
          if (event.type === "load-second" && event.second === 0) asleepMs = 60_000;
        },
        clock,
        signal: new AbortController().signal,
        run: "asleep",
      },
    );
    expect(results).toMatchObject([
      {
        verdict: {
          status: "invalid",
          reasons: expect.arrayContaining([
            expect.stringMatching(/^the machine slept for 60\.\d s, 1\.\d s into the window$/),
          ]),
        },
      },
    ]);
    expect(results.map(formatRunBlock).join()).toMatch(
      /VERDICT: INVALID.*\n {2}- the machine slept for 60\.\d s/,
    );
    expect(exitCodeOf({ runs: results }, false)).toBe(3);
    await setting.expectNothingLeft();
  });
});

test("a killed orchestrator takes its nodes along; the next one says what it removed, and takes over", async () => {
  await using setting = await openSetting();
  const command = setting.start("benchmark", ["--loads=100", "--duration=60", "--warm-up=0"]);
  await command.says("measuring");
  const nodes = await setting.nodes();
  expect(nodes.size).toBe(4);
  command.child.kill("SIGKILL");
  expect((await command.ended).code).toBeNull();
  await until(async () => ((await findProcesses(setting.home)).length === 0 ? true : undefined), {
    timeoutMs: 5000,
    everyMs: 20,
    describe: () => "a node goes on without its orchestrator",
  });
  const [run = "none"] = await readdir(join(setting.stateDir, "runs"));
  const listed = await setting.start("baleen", ["clean"]).ended;
  expect(listed.stdout).toBe(
    `Run ${run} (left):\n  folder ${join(setting.stateDir, "runs", run)}\n  lock file ${join(setting.stateDir, "lock")}\n\nRemove everything with --yes, or what one run left with --run ID.\n`,
  );
  const next = await setting.start("benchmark", [
    "--loads=50",
    "--duration=1",
    "--warm-up=0",
    "--no-file-output",
  ]).ended;
  expect(next.code).toBe(0);
  expect(next.stderr).toContain(
    `removed what run ${run} left behind: its process is dead; 0 of its nodes were still running and were stopped\n`,
  );
  await setting.expectNothingLeft();
});
