/** The commands of every day, beside a benchmark that goes on. */
import { expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { openDockerSetting, whyNoDocker } from "./docker-setting.ts";
import { openSetting, type Setting } from "./setting.ts";

const run = async (setting: Setting, ...args: readonly string[]) => await setting.start("baleen", args).ended;

interface Status {
  readonly under_way: readonly Readonly<Record<string, unknown>>[];
  readonly nodes: readonly {
    readonly node: string;
    readonly state: string;
    readonly ports: readonly number[];
  }[];
}

async function seeStatus(setting: Setting): Promise<Status> {
  return JSON.parse((await run(setting, "status", "--json")).stdout) as Status;
}

async function saysSomething(command: ReturnType<Setting["start"]>, text: string): Promise<void> {
  await until(() => (command.seen.stdout.includes(text) ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 50,
    describe: () => `never said ${text}:\n${command.seen.stdout}${command.seen.stderr}`,
  });
}

test("status, logs and ls beside nodes that are processes; show and logs of the bundle afterwards", async () => {
  await using setting = await openSetting();
  const benchmark = setting.start("benchmark", ["--loads=50", "--duration=45", "--warm-up=1"]);
  await benchmark.says("measuring");
  const status = await seeStatus(setting);
  expect(status.under_way).toMatchObject([
    { pid: benchmark.pid, planned_runs: 1, benchmark_number: 1, load: 50 },
  ]);
  expect(status.nodes.map(({ node, state }) => `${node} ${state}`)).toEqual(
    [0, 1, 2, 3].map((i) => `node${i} up`),
  );
  expect(new Set(status.nodes.flatMap(({ ports }) => ports)).size).toBe(12);
  const followed = setting.start("baleen", ["logs", "-f", "node1", "--tail=2"]);
  await saysSomething(followed, '"peer connected"');
  followed.child.kill("SIGINT");
  expect((await followed.ended).code).toBe(130);
  expect((await run(setting, "ls")).stdout).toMatch(/ under way$/m);

  expect((await benchmark.ended).code).toBe(0);
  expect(await seeStatus(setting)).toMatchObject({ under_way: [], nodes: [] });
  const { stdout } = await run(setting, "show", "last");
  expect(stdout).toContain("SUMMARY\n");
  expect(benchmark.seen.stdout).toContain(stdout.slice(0, stdout.indexOf("\n\nResults: ")));
  expect((await run(setting, "logs", "node1", "--bundle", "last")).stdout).toContain('"peer connected"');
  expect((await run(setting, "verify", "last")).code).toBe(0);
});

test("status and logs of containers that were left running; what follows comes through a restart", async ({
  skip,
}) => {
  skip(whyNoDocker !== undefined, whyNoDocker);
  const { docker, dockerCommand } = await import("../deploy/real-engine.ts");
  await using setting = await openDockerSetting();
  const started = setting.start("local-network", ["--num-transactions=50", "--warm-up=1"]);
  expect((await started.ended).code).toBe(0);
  const id = setting.runOf(started);
  const shown = (await run(setting, "status")).stdout;
  expect(shown).toMatch(new RegExp(`^${id} +here +node3 +up +\\d+ (s|min) 26660 26673$`, "m"));
  expect(shown).toContain(`Run ${id} (docker): left behind; remove it with: npx baleen clean --run ${id}`);
  const followed = setting.start("baleen", ["logs", "-f", "node2", "--tail=1", `--run=${id}`]);
  await saysSomething(followed, '"message"');
  const before = followed.seen.stdout.length;
  const container = await dockerCommand(
    "ps",
    "-q",
    "--filter",
    `label=baleen.run=${id}`,
    "--filter",
    "label=baleen.node=2",
  );
  await docker().engine.kill(container);
  await docker().engine.start(container);
  await until(() => (/"peer connected"/.test(followed.seen.stdout.slice(before)) ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 50,
    describe: () => `nothing after the restart:\n${followed.seen.stdout}`,
  });
  followed.child.kill("SIGINT");
  expect((await followed.ended).code).toBe(130);
});
