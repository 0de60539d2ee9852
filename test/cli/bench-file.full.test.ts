/** A file of options as `init` writes it: checked, run, and kept from being written over. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSetting } from "./setting.ts";

test("init writes a file that validate finds right, and that a benchmark runs", async () => {
  await using setting = await openSetting();
  const made = await setting.start("baleen", ["init"]).ended;
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect((await readdir(setting.home)).sort()).toEqual(["bench.schema.json", "bench.yaml"]);
  const text = await readFile(join(setting.home, "bench.yaml"), "utf8");
  expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=./bench.schema.json");
  const checked = await setting.start("baleen", ["validate", "bench.yaml"]).ended;
  expect(checked).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/\n {2}Loads: 100, 200, 500 tx\/s\n/),
  });
  const short = ["--loads=50,80", "--duration=1", "--warm-up=0", "--json"];
  const { code, stdout } = await setting.start("baleen", ["benchmark", "--config", "bench.yaml", ...short])
    .ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    finished_runs: 2,
    runs: [{ parameters: { load: 50, transaction_size: 512 } }, { parameters: { load: 80 } }],
    assertions: [{ passed: true }, { passed: true }],
  });
  await setting.expectNothingLeft();
});

test("init writes nothing over without --yes, and into a folder that is not there yet", async () => {
  await using setting = await openSetting();
  await writeFile(join(setting.home, "bench.yaml"), "seed: mine\n");
  const refused = await setting.start("baleen", ["init"]).ended;
  expect(refused).toMatchObject({
    code: 2,
    stdout: "",
    stderr: "error: bench.yaml: already exists. Use another name, or --yes to overwrite it.\n",
  });
  expect(await readdir(setting.home)).toEqual(["bench.yaml"]);
  expect(await readFile(join(setting.home, "bench.yaml"), "utf8")).toBe("seed: mine\n");
  expect(await setting.start("baleen", ["init", "--yes"]).ended).toMatchObject({ code: 0 });
  expect(await setting.start("baleen", ["init", "ci/nightly.yaml"]).ended).toMatchObject({ code: 0 });
  const checked = await setting.start("baleen", ["validate", "ci/nightly.yaml"]).ended;
  // Paths in it count from its folder.
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining("\n  Results: ci/benchmarks\n") });
});

test("what variables stand for is used, and no message shows it", async () => {
  await using setting = await openSetting();
  const file = [
    "load: {loads: [50], num-transactions: 20, warm-up: 0}",
    "seed: $" + "{SEED}",
    "committee: $" + "{NODES:-4}",
  ];
  await writeFile(join(setting.home, "bench.yaml"), file.join("\n"));
  const env = { SEED: "moonlight", BALEEN_CONFIG: "bench.yaml" };
  const { code, stdout } = await setting.start("benchmark", ["--json"], { env }).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ runs: [{ parameters: { seed: "moonlight", nodes: 4 } }] });
  const wrong = { SEED: "moonlight ".repeat(40), NODES: "sevenhundred", BALEEN_CONFIG: "bench.yaml" };
  const refused = await setting.start("benchmark", [], { env: wrong }).ended;
  expect(refused.code).toBe(2);
  expect(refused.stderr.trimEnd().split("\n")).toEqual([
    expect.stringMatching(
      /^error: committee in bench\.yaml:3: the value of its variables is invalid\. Give a whole number of nodes from 1 to 128\.$/,
    ),
    expect.stringMatching(/^error: seed in bench\.yaml:2: the value of its variables is invalid\. Give /),
  ]);
  const unset = await setting.start("benchmark", [], { env: { BALEEN_CONFIG: "bench.yaml" } }).ended;
  expect(unset.stderr).toMatch(/^error: seed in bench\.yaml:2: the environment variable SEED is not set\./);
  await setting.expectNothingLeft();
});

test("a sweep is gone on with by the file that it began with, its phases and all", async () => {
  await using setting = await openSetting();
  const file = [
    "load:",
    "  loads: [50]",
    "  warm-up: 0",
    "  duration: 2",
    "  phases: [{name: calm, share: 0.5}, {name: peak, share: 0.5, level: 2}]",
    "protocol: {options: {leaderTimeoutMs: 300}}",
    "results: {output-dir: ../benchmarks}",
  ];
  await mkdir(join(setting.home, "ci"));
  await writeFile(join(setting.home, "ci", "bench.yaml"), file.join("\n"));
  const config = ["--config", "ci/bench.yaml"];
  expect(await setting.start("benchmark", config).ended).toMatchObject({ code: 0 });
  const again = ["--resume", await setting.bundle(), ...config];
  const complete = await setting.start("benchmark", again).ended;
  expect(complete).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/ is complete: 1 of 1 runs have finished\./),
  });
  const other = await setting.start("benchmark", [...again, "--protocol-option", "leaderTimeoutMs=301"])
    .ended;
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/^error: .*301.* is not what the sweep began with/);
  await setting.expectNothingLeft();
});
