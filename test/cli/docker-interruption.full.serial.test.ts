/** Ctrl-C and SIGTERM at every moment of a sweep on containers. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { delay, until } from "../../src/core/async.ts";
import {
  countLeftovers,
  type DockerSetting,
  dockerCommand,
  findContainer,
  nothing,
  openDockerSetting,
  parseLeftBehind,
  whyNoDocker,
} from "./docker-setting.ts";
import type { Command } from "./setting.ts";

interface Moment {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly args: readonly string[];
  readonly prepare?: () => Promise<void>;
  /** Resolves at the moment. */
  readonly reach: (command: Command, setting: DockerSetting) => Promise<void>;
  readonly finishedRuns?: number;
  readonly left: Readonly<Record<keyof typeof nothing, number>>;
}

const long = ["--loads=50,60", "--duration=60", "--warm-up=0"];
const short = ["--loads=50,60", "--duration=1", "--warm-up=0"];
/** No block is committed for a minute, so the network is not ready before. */
const neverReady = ["--min-round-delay=60000", "--leader-timeout=60000"];
const all = { containers: 4, networks: 1, volumes: 4 };
const data = { containers: 0, networks: 0, volumes: 4 };

/** Waits until a line was said in the second run, too. */
async function saysAgain(command: Command, line: string): Promise<void> {
  await until(() => (command.seen.stderr.split(`\n${line}\n`).length > 2 ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 5,
    describe: () => `said "${line}" only once:\n${command.seen.stderr}`,
  });
}

/** So that the next command builds its image. */
async function removeOurImage(): Promise<void> {
  const names = await dockerCommand("images", "--format", "{{.Repository}}:{{.Tag}}", "baleen/validator");
  // By force: containers that an earlier run left keep the image, but not its name.
  for (const name of names.split("\n")) if (name !== "") await dockerCommand("image", "rm", "--force", name);
}

const moments: readonly Moment[] = [
  {
    name: "while the image is built",
    signal: "SIGINT",
    args: long,
    prepare: removeOurImage,
    reach: ({ says }) => says(/^building the image: baleen\/validator:/),
    left: nothing,
  },
  {
    name: "while containers are created",
    signal: "SIGTERM",
    args: long,
    reach: ({ says }) => says(/^creating the containers: /),
    left: nothing,
  },
  {
    name: "while containers are started, with --cleanup",
    signal: "SIGINT",
    args: [...long, "--cleanup"],
    reach: ({ says }) => says(/^starting 4 nodes as containers: /),
    left: nothing,
  },
  {
    name: "before the network is ready",
    signal: "SIGTERM",
    args: [...long, ...neverReady],
    reach: ({ says }) => says("waiting until every node commits"),
    left: all,
  },
  {
    name: "in the window",
    signal: "SIGINT",
    args: long,
    reach: ({ says }) => says("measuring"),
    left: all,
  },
  {
    name: "in the window, with --cleanup",
    signal: "SIGTERM",
    args: [...long, "--cleanup"],
    reach: ({ says }) => says("measuring"),
    left: data,
  },
  {
    name: "in the drain of the second load, with --cleanup-thorough",
    signal: "SIGINT",
    args: [...short, "--cleanup-thorough"],
    reach: async (command, setting) => {
      await command.says("Run 2: 60 tx/s");
      await saysAgain(command, "measuring");
      // A node that stands still leaves its transactions outstanding.
      await dockerCommand("pause", await findContainer(setting.runOf(command), 2));
      await saysAgain(command, "waiting for outstanding transactions");
    },
    finishedRuns: 1,
    left: nothing,
  },
];

describe.skipIf(whyNoDocker !== undefined)(`a signal ${whyNoDocker ?? ""}`, () => {
  test.each(moments)("$signal $name: exit 130, files whole, what is left is said", async (moment) => {
    await using setting = await openDockerSetting();
    await moment.prepare?.();
    const command = setting.start("benchmark", moment.args);
    await moment.reach(command, setting);
    command.child.kill(moment.signal);
    const { code, stderr } = await command.ended;
    expect([code, stderr.match(/^(error|warning):.*/gm)]).toEqual([130, null]);
    expect(stderr).toContain(`Interrupted (${moment.signal}): cleaning up.`);

    const finishedRuns = moment.finishedRuns ?? 0;
    const bundle = await setting.bundle();
    expect(JSON.parse(await readFile(join(bundle, "summary.json"), "utf8"))).toMatchObject({
      finished_runs: finishedRuns,
      ended_early: `Interrupted by ${moment.signal}.`,
    });
    expect(existsSync(join(bundle, "local_benchmark_1_50txs.json"))).toBe(finishedRuns === 1);
    expect(existsSync(join(bundle, "manifest.json"))).toBe(true);
    await setting.expectNothingLeft();

    const run = setting.runOf(command);
    expect(await countLeftovers(run)).toEqual(moment.left);
    const left = parseLeftBehind(stderr);
    const number = Object.values(moment.left).reduce((sum, count) => sum + count);
    expect(left?.what.length ?? 0).toBe(number);
    if (left === undefined) return;
    expect((await setting.follow(left.command).ended).code).toBe(0);
    expect(await countLeftovers(run)).toEqual(nothing);
  });

  test("a second one leaves at once and says what is left, which the printed command removes", async () => {
    await using setting = await openDockerSetting();
    const command = setting.start("benchmark", [...long, "--cleanup"]);
    await command.says("measuring");
    const run = setting.runOf(command);
    const startMs = performance.now();
    command.child.kill("SIGINT");
    await command.says(/^Interrupted \(SIGINT\)/);
    // What follows sooner counts as the same Ctrl-C.
    await delay(600);
    command.child.kill("SIGINT");
    const { code, stderr } = await command.ended;
    expect([code, performance.now() - startMs < 2000]).toEqual([130, true]);
    expect(stderr).toContain("Leaving without the rest of the clean-up.\n");
    const left = parseLeftBehind(stderr);
    expect(left).toEqual({
      what: [`what carries the label baleen.run=${run}`],
      command: `npx baleen clean --run ${run}`,
    });
    const removed = await setting.follow(left?.command ?? "").ended;
    expect(removed).toMatchObject({ code: 0, stderr: "" });
    expect(removed.stdout).toContain(`Run ${run} (removed):\n`);
    expect(await countLeftovers(run)).toEqual(nothing);
  });
});
