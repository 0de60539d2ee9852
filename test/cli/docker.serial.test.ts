/** The built binaries on containers of a real engine. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sendHttp } from "../../src/core/http.ts";
import {
  countLeftovers,
  dockerCommand,
  findContainer,
  nothing,
  openDockerSetting,
  parseLeftBehind,
  whyNoDocker,
} from "./docker-setting.ts";

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8"));
}

describe.skipIf(whyNoDocker !== undefined)(`commands on containers ${whyNoDocker ?? ""}`, () => {
  test("two loads: labelled containers on the standard ports while they run, results, and nothing left", async () => {
    await using setting = await openDockerSetting();
    const command = setting.start("benchmark", [
      "--loads=50,100",
      "--duration=3",
      "--warm-up=0",
      "--cleanup-thorough",
    ]);
    await command.says("measuring");
    const run = setting.runOf(command);
    for (const index of [0, 1, 2, 3]) {
      const container = await findContainer(run, index);
      const published = await dockerCommand("port", container);
      expect(published.split("\n").sort()).toEqual([
        `26657/tcp -> 127.0.0.1:${26_657 + index}`,
        `26660/tcp -> 127.0.0.1:${26_670 + index}`,
      ]);
      const metrics = await sendHttp(`http://127.0.0.1:${26_670 + index}`, {
        method: "GET",
        path: "/metrics",
        timeoutMs: 5000,
      });
      expect(metrics.status).toBe(200);
      expect(metrics.body).toMatch(
        /^# TYPE cometbft_consensus_height gauge\ncometbft_consensus_height \d+$/m,
      );
    }
    const { code, stdout, stderr } = await command.ended;
    expect([code, stderr.match(/^(error|warning):.*/gm)]).toEqual([0, null]);
    expect(stdout).toContain("\n  Runtime: docker\n");
    expect(await countLeftovers(run)).toEqual(nothing);
    await setting.expectNothingLeft();

    const bundle = await setting.bundle();
    expect(await readJson(join(bundle, "summary.json"))).toMatchObject({
      runtime: "docker",
      finished_runs: 2,
      runs: [{ load: 50 }, { load: 100 }],
    });
    const image = { name: expect.stringMatching(/^baleen\/validator:[0-9a-f]{16}$/), id: expect.any(String) };
    expect(await readJson(join(bundle, "environment.json"))).toMatchObject({
      network: {
        engine: { version: expect.any(String), os: "linux" },
        compose: { command: expect.stringContaining("compose"), version: expect.any(String) },
        images: { node0: image, node1: image, node2: image, node3: image },
      },
    });
    const logs = await readdir(join(bundle, "logs"));
    expect(logs).toHaveLength(8);
  });

  test("by default the last load's containers stay; the next run replaces them and says so; clean removes", {
    tags: "full",
  }, async () => {
    await using setting = await openDockerSetting();
    const short = ["--loads=50", "--duration=1", "--warm-up=0", "--no-file-output"];
    const first = setting.start("benchmark", short);
    expect((await first.ended).code).toBe(0);
    const firstRun = setting.runOf(first);
    expect(await countLeftovers(firstRun)).toEqual({ containers: 4, networks: 1, volumes: 4 });
    const left = parseLeftBehind(first.seen.stderr);
    expect(left?.command).toBe(`npx baleen clean --run ${firstRun}`);
    expect(left?.what.filter((what) => /^container .* \(running\)$/.test(what))).toHaveLength(4);
    expect(left?.what.filter((what) => /^(network|volume) /.test(what))).toHaveLength(5);

    const second = setting.start("benchmark", short);
    expect((await second.ended).code).toBe(0);
    const secondRun = setting.runOf(second);
    expect(second.seen.stderr).toContain(`replacing the leftovers of run ${firstRun}: `);
    expect(await countLeftovers(firstRun)).toEqual(nothing);

    const listed = await setting.start("baleen", ["clean"]).ended;
    const things = parseLeftBehind(second.seen.stderr)?.what.map((what) => `  ${what}\n`) ?? [];
    expect(listed.stdout).toContain(`Run ${secondRun} (left):\n${things.join("")}`);
    const command = parseLeftBehind(second.seen.stderr)?.command ?? "";
    expect(await setting.follow(command).ended).toEqual({
      code: 0,
      stdout: `Run ${secondRun} (removed):\n${things.join("")}`,
      stderr: "",
    });
    expect(await countLeftovers(secondRun)).toEqual(nothing);
  });

  test("a validator that is killed in the window: invalid, by its name; its last lines are kept; exit 3", {
    tags: "full",
  }, async () => {
    await using setting = await openDockerSetting();
    const args = ["--loads=50", "--duration=4", "--warm-up=0", "--drain=1", "--cleanup-thorough"];
    const command = setting.start("benchmark", args);
    await command.says("measuring");
    await dockerCommand("kill", await findContainer(setting.runOf(command), 2));
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(3);
    expect(stderr).toContain("warning: node2 ended unexpectedly with signal SIGKILL\n");
    const reason = "node2 ended by SIGKILL unexpectedly";
    expect(stdout).toContain(reason);
    const bundle = await setting.bundle();
    expect(await readJson(join(bundle, "local_benchmark_1_50txs.json"))).toMatchObject({
      verdict: { status: "invalid", reasons: expect.arrayContaining([reason]) },
      ledger: { scheduled: 200 },
    });
    const log = await readFile(join(bundle, "logs", "1-node2.log"), "utf8");
    expect(log).toContain('"validator runs"');
    expect(await countLeftovers(setting.runOf(command))).toEqual(nothing);
  });

  test("a validator that is paused for a moment is no death", { tags: "full" }, async () => {
    await using setting = await openDockerSetting();
    const args = ["--loads=50", "--duration=4", "--warm-up=0", "--cleanup-thorough"];
    const command = setting.start("benchmark", args);
    await command.says("measuring");
    const container = await findContainer(setting.runOf(command), 1);
    await dockerCommand("pause", container);
    await dockerCommand("unpause", container);
    const { code, stdout, stderr } = await command.ended;
    expect([code, stderr.match(/^(error|warning): .* ended .*/gm)]).toEqual([0, null]);
    expect(stdout).toMatch(/Successful Transactions: 200\n {2}Failed Transactions: 0\n/);
  });
});
