/** `baleen init compose`: a committee that compose starts by itself. */
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../src/core/process/command.ts";
import { findFreeRange } from "../../src/deploy/nodes/ports.ts";
import { ask, docker } from "../deploy/real-engine.ts";
import { countLeftovers, nothing, openDockerSetting, whyNoDocker } from "./docker-setting.ts";
import { openSetting } from "./setting.ts";

test("what is wrong is told before anything is made", async () => {
  await using setting = await openSetting();
  await mkdir(join(setting.home, "full"));
  await writeFile(join(setting.home, "full", "notes.txt"), "mine");
  const says = async (...args: string[]) => {
    const { code, stderr } = await setting.start("baleen", ["init", ...args]).ended;
    return [code, stderr];
  };
  expect(await says("compose")).toEqual([
    2,
    "error: the folder is missing. Give FOLDER: baleen init compose FOLDER.\n",
  ]);
  expect(await says("compose", "full", "--yes")).toEqual([
    2,
    "error: full: the folder is not empty. Use a new or empty folder.\n",
  ]);
  expect(await says("compose", "new", "--committee=3")).toEqual([
    2,
    expect.stringContaining("3 nodes tolerate f = 0 faults"),
  ]);
  expect(await says("compose", "new")).toEqual([2, expect.stringContaining("No Docker engine answers at")]);
  expect(await says("bench.yaml", "more", "--committee=7")).toEqual([
    2,
    'error: --committee: "init FILE" does not use it. Remove it.\n' +
      'error: "more": init FILE takes one file. Remove it, or use init compose FOLDER.\n',
  ]);
  expect(await readdir(setting.home)).toEqual(["full"]);
});

describe.skipIf(whyNoDocker !== undefined)(`with an engine ${whyNoDocker ?? ""}`, () => {
  test("compose starts it by itself, and a benchmark measures it without touching its folder", {
    tags: "full",
  }, async () => {
    await using setting = await openDockerSetting();
    const rpc = (await findFreeRange(8, "127.0.0.1", 29_000)) ?? 0;
    const ports = [`--rpc-base-port=${rpc}`, `--metrics-base-port=${rpc + 4}`];
    const init = (...more: string[]) =>
      setting.start("baleen", ["init", "compose", "my net", ...ports, ...more]).ended;
    const folder = join(setting.home, "my net");
    const file = join(folder, "docker-compose.yml");
    const compose = (...words: string[]) =>
      runCommand([...docker().compose.argv, "-f", file, ...words], { env: docker().env, timeoutMs: 60_000 });
    const first = await init();
    expect([first.code, first.stderr.match(/^(error|warning):.*/gm)]).toEqual([0, null]);
    expect(first.stdout).toContain("compose -f 'my net/docker-compose.yml' up -d\n");
    expect((await readdir(folder)).sort()).toEqual([
      "docker-compose.yml",
      "node0",
      "node1",
      "node2",
      "node3",
    ]);
    expect((await stat(join(folder, "node0", "validator-key.json"))).mode & 0o777).toBe(0o600);
    await compose("config", "-q");
    const key = await readFile(join(folder, "node0", "validator-key.json"), "utf8");
    try {
      await compose("up", "-d");
      const status = { result: { node_info: { moniker: "node3" } } };
      expect(await ask({ host: "127.0.0.1", port: rpc + 3 }, "/status")).toMatchObject(status);
      await ask({ host: "127.0.0.1", port: rpc }, "/block?height=1");
      const measure = ["--docker-compose-path", "my net/docker-compose.yml", "--loads=50", "--duration=2"];
      const args = [...measure, "--warm-up=0", "--cleanup-thorough", "--no-file-output"];
      const running = expect.stringMatching(
        /^error: The network of my net\/docker-compose\.yml is already running \(.*node0.*\)\. Stop it first: docker compose -f 'my net\/docker-compose\.yml' down\n$/,
      );
      expect(await setting.start("benchmark", args).ended).toMatchObject({ code: 2, stderr: running });
      expect(await init("--yes")).toMatchObject({ code: 2, stderr: running });
      await compose("down");
      const measured = setting.start("benchmark", args);
      expect([(await measured.ended).code, measured.seen.stdout]).toEqual([
        0,
        expect.stringContaining("Successful Transactions: 100"),
      ]);
      expect(await countLeftovers(setting.runOf(measured))).toEqual(nothing);
      expect(await readFile(join(folder, "node0", "validator-key.json"), "utf8")).toBe(key);
      // Its chain goes on with its own keys.
      await compose("up", "-d");
      await ask({ host: "127.0.0.1", port: rpc }, "/block?height=1");
    } finally {
      await compose("down");
    }
    expect(await init()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("or --yes to replace it"),
    });
    expect((await init("--yes", "--committee=5")).code).toBe(2);
    expect((await init("--yes")).code).toBe(0);
    expect(await readFile(join(folder, "node0", "validator-key.json"), "utf8")).not.toBe(key);
    expect(await readdir(join(folder, "node0"))).not.toContain("log");
  });
});
