/** Ctrl-C and SIGTERM at every moment of a sweep. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { delay, until } from "../../src/core/async.ts";
import { expectWhole, findProcesses, sendSignal } from "./machine.ts";
import { type Command, openSetting, type Setting } from "./setting.ts";

interface Moment {
  readonly name: string;
  readonly args: readonly string[];
  /** Resolves at the moment. */
  readonly reach: (command: Command, setting: Setting) => Promise<void>;
  readonly finishedRuns?: number;
  /** `npm test` tries the moment with this signal; `npm run test:full` tries the others. */
  readonly usually?: NodeJS.Signals;
}

/** No block is committed for a minute, so the network is not ready before. */
const neverReady = ["--min-round-delay=60000", "--leader-timeout=60000"];
const long = ["--loads=50,60", "--duration=60", "--warm-up=0"];
const short = ["--loads=50,60", "--duration=1", "--warm-up=0"];

const moments: readonly Moment[] = [
  {
    name: "while nodes are deployed",
    args: long,
    reach: ({ says }) => says("starting 4 nodes as processes"),
    usually: "SIGTERM",
  },
  {
    name: "before the network is ready",
    args: [...long, ...neverReady],
    reach: ({ says }) => says("waiting until every node commits"),
  },
  {
    name: "in the warm-up",
    args: ["--loads=50", "--duration=1", "--warm-up=60"],
    reach: ({ says }) => says("warming up"),
  },
  { name: "in the window", args: long, reach: ({ says }) => says("measuring"), usually: "SIGINT" },
  {
    name: "in the drain",
    args: short,
    reach: async ({ says }, setting) => {
      await says("measuring");
      // A node that stands still leaves its transactions outstanding.
      sendSignal((await setting.nodes()).get("node2") ?? 0, "SIGSTOP");
      await says("waiting for outstanding transactions");
    },
  },
  {
    name: "between two loads",
    args: short,
    reach: ({ says }) => says(/^Run 1 finished: /),
    usually: "SIGINT",
    finishedRuns: 1,
  },
  {
    name: "when the second load begins",
    args: short,
    reach: ({ says }) => says("Run 2: 60 tx/s"),
    finishedRuns: 1,
  },
];

describe.concurrent.each<NodeJS.Signals>(["SIGINT", "SIGTERM"])("%s", (signal) => {
  for (const { name, args, reach, finishedRuns = 0, usually } of moments) {
    const tags = usually === signal ? [] : ["full"];
    test(`${name}: exit 130, nothing left, files whole`, { tags }, async () => {
      await using setting = await openSetting();
      const command = setting.start("benchmark", args);
      await reach(command, setting);
      command.child.kill(signal);
      const { code, stdout, stderr } = await command.ended;
      expect([code, stderr.match(/^(error|warning):.*/gm)]).toEqual([130, null]);
      expect(stderr).toContain(`Interrupted (${signal}): cleaning up.`);
      const bundle = await setting.bundle();
      expect(JSON.parse(await readFile(join(bundle, "summary.json"), "utf8"))).toMatchObject({
        finished_runs: finishedRuns,
        ended_early: `Interrupted by ${signal}.`,
      });
      expect(await readFile(join(bundle, "summary.txt"), "utf8")).toContain(`Interrupted by ${signal}.`);
      expect(existsSync(join(bundle, "local_benchmark_1_50txs.json"))).toBe(finishedRuns === 1);
      expect(existsSync(join(bundle, "manifest.json"))).toBe(true);
      expect(stdout.includes("BENCHMARK RESULT #1\n")).toBe(finishedRuns === 1);
      await setting.expectNothingLeft();
    });
  }
});

describe.concurrent("a second signal", () => {
  /** Interrupts a run whose clean-up hangs: a disk that does not answer, which a pipe without a writer is like. */
  async function interruptTwice(setting: Setting) {
    const command = setting.start("benchmark", long);
    await command.says("measuring");
    const [run = "none"] = await readdir(join(setting.stateDir, "runs"));
    const pipe = join(setting.stateDir, "runs", run, "node0.log.1");
    await promisify(execFile)("mkfifo", [pipe]);
    command.child.kill("SIGINT");
    await command.says(/^Interrupted \(SIGINT\)/);
    // Sooner it would be taken for an echo of the first.
    await delay(600);
    expect(command.child.exitCode).toBeNull();
    command.child.kill("SIGINT");
    await command.says("Leaving without the rest of the clean-up.");
    await command.says(
      `Left behind: the files of the nodes, which end with this process. Remove it with: npx baleen clean --run ${run}`,
    );
    return { command, run, pipe };
  }

  const nodesEnd = (setting: Setting) =>
    until(async () => ((await findProcesses(setting.home)).length === 0 ? true : undefined), {
      timeoutMs: 5000,
      everyMs: 20,
      describe: () => "a node still runs",
    });

  test("leaves at once: exit 130, what is left is said, and clean lists and removes it", async () => {
    await using setting = await openSetting();
    const { command, run, pipe } = await interruptTwice(setting);
    await writeFile(pipe, "");
    expect((await command.ended).code).toBe(130);
    await nodesEnd(setting);
    await expectWhole(await setting.bundle());
    const things = `  folder ${join(setting.stateDir, "runs", run)}\n  lock file ${join(setting.stateDir, "lock")}\n`;
    const listed = await setting.start("baleen", ["clean"]).ended;
    expect(listed.stdout).toBe(
      `Run ${run} (left):\n${things}\nRemove everything with --yes, or what one run left with --run ID.\n`,
    );
    const removed = await setting.start("baleen", ["clean", "--run", run]).ended;
    expect(removed.stdout).toBe(`Run ${run} (removed):\n${things}`);
    expect((await setting.start("baleen", ["clean"]).ended).stdout).toBe(
      "Nothing is left on this machine.\n",
    );
    expect(await readdir(join(setting.stateDir, "runs"))).toEqual([]);
  });

  test("where even the exit hangs on the disk, a third one ends it", { tags: "full" }, async () => {
    await using setting = await openSetting();
    const { command } = await interruptTwice(setting);
    command.child.kill("SIGINT");
    await command.ended;
    expect(command.child.signalCode).toBe("SIGINT");
    await nodesEnd(setting);
  });
});
