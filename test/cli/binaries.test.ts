/** How the binaries talk: configuration files, the environment, standard output and who reads it. */
import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSetting } from "./setting.ts";

test("--json makes standard output one document; --config and the environment reach it", async () => {
  await using setting = await openSetting();
  const file = "loads: [50]\nnumTransactions: 30\nwarm-up: 0\nfile-output: false\n";
  await writeFile(join(setting.home, "sweep.yaml"), file);
  const args = ["benchmark", "--config", "sweep.yaml", "--json"];
  const { code, stdout } = await setting.start("baleen", args, { env: { BALEEN_SEED: "sun" } }).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    finished_runs: 1,
    runs: [
      { parameters: { load: 50, runtime: "process", seed: "sun" }, results: { successful_transactions: 30 } },
    ],
  });
  expect(existsSync(join(setting.home, "benchmarks"))).toBe(false);
  await setting.expectNothingLeft();
});

test("a reader that goes away ends it without a word of it", { tags: "full" }, async () => {
  await using setting = await openSetting();
  const command = setting.start("benchmark", ["--loads=50,60", "--duration=2", "--warm-up=1"]);
  await command.says("measuring");
  command.child.stdout?.destroy();
  const { code, stderr } = await command.ended;
  expect(code).toBe(130);
  expect(stderr).not.toMatch(/EPIPE|error:/);
  await setting.expectNothingLeft();
});

test.each(["baleen", "benchmark", "local-network", "remote-network"])(
  "%s --help and --version touch nothing",
  async (binary) => {
    await using setting = await openSetting();
    const help = await setting.start(binary, ["--help"]).ended;
    expect([help.code, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toContain(binary);
    const version = await setting.start(binary, ["--version"]).ended;
    expect(version).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await readdir(setting.home)).toEqual([]);
  },
);
