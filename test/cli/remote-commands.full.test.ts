/** What the commands can do with hosts that have Docker, each as a user would. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openValidator } from "../results/schemas.ts";
import { backArgs, expectOneBack, runCrashes } from "./crash-runs.ts";
import {
  complaints,
  expectAsBefore,
  look,
  openRemoteSetting,
  patienceMs,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

describe.skipIf(whyNoTestHosts !== undefined)(`on hosts with Docker ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  let before: readonly string[][];

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    before = await Promise.all([look(hosts, 0), look(hosts, 1)]);
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test("remote-network sends so many transactions once, with the RPC closed to all but the SSH connection", async () => {
    await using setting = await openRemoteSetting(hosts);
    const command = setting.start("remote-network", [
      ...[`--hosts=${setting.hostsFile}`, "--rpc-via=ssh", "--num-transactions=200", "--transaction-rate=50"],
      ...[
        "--warm-up=1",
        "--output-dir=results",
        "--node-cpus=0.9",
        "--node-memory=512",
        "--cleanup-thorough",
      ],
    ]);
    await command.says("measuring", patienceMs);
    const published = await hosts.inside(0, "sh", "-c", "docker ps -q | xargs -n1 docker port | sort");
    const privately = published.replaceAll(/(?<=-> )(?!0\.|127\.)[\d.]+(?=:)/g, "PRIVATE");
    expect(privately.split("\n")).toEqual([
      "26656/tcp -> PRIVATE:26656",
      "26656/tcp -> PRIVATE:26701",
      "26657/tcp -> 127.0.0.1:26657",
      "26657/tcp -> 127.0.0.1:26658",
      "26660/tcp -> 127.0.0.1:26670",
      "26660/tcp -> 127.0.0.1:26671",
    ]);
    const limits = "docker ps -q | xargs docker inspect -f '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}'";
    expect(await hosts.inside(0, "sh", "-c", `${limits} | uniq`)).toBe(`900000000 ${512 * 1024 ** 2}`);
    const { code, stdout, stderr } = await command.ended;
    expect([code, complaints(stderr)]).toEqual([0, []]);
    expect(stdout).toMatch(/\bSuccessful.*: 200\b/);
    await expectAsBefore(hosts, before);
  });

  test("nodes crash and come back, and it is told when that was asked for, ordered and in effect", async () => {
    await using setting = await openRemoteSetting(hosts);
    const { runs } = await runCrashes(
      { start: (_, args) => setting.remote(args) },
      ...backArgs,
      "--cleanup-thorough",
    );
    expect(runs).toHaveLength(1);
    for (const run of runs) expectOneBack(run, { failover: false });
    await expectAsBefore(hosts, before);
  });

  test("--network-type both runs the same load here and there, and leaves their comparison", async () => {
    await using setting = await openRemoteSetting(hosts);
    const { code, stdout, stderr } = await setting.start("benchmark", [
      ...["--network-type=both", `--hosts=${setting.hostsFile}`, "--loads=40", "--duration=2"],
      ...["--warm-up=1", "--cleanup-thorough"],
    ]).ended;
    expect([code, complaints(stderr).filter((line) => !line.includes("plain processes"))]).toEqual([0, []]);
    const bundle = await setting.bundle();
    const comparison = JSON.parse(await readFile(join(bundle, "comparison.json"), "utf8")) as unknown;
    expect((await openValidator("comparison"))(comparison)).toEqual([]);
    const text = await readFile(join(bundle, "comparison.txt"), "utf8");
    expect(stdout).toContain(text.trim());
    for (const side of ["local", "remote"]) {
      const file = join(bundle, side, `${side}_benchmark_1_40txs.json`);
      const run = JSON.parse(await readFile(file, "utf8")) as { links?: unknown };
      expect((await openValidator("run"))(run)).toEqual([]);
      expect(run.links !== undefined).toBe(side === "remote");
    }
    await expectAsBefore(hosts, before);
  });
});
