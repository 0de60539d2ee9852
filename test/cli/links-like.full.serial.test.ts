/**
 * Two hosts with a network of their own delays, and this machine with the links that were measured between them: the
 * same committee commits as late on either. `--explain-links` makes all of it in one command.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unshaped } from "../../src/contracts/links/shape.ts";
import type { RunResult } from "../../src/contracts/results/result.ts";
import { findNamespaceTools } from "../../src/deploy/links/namespaces/tools.ts";
import { readMetric } from "../../src/metrics/stats/run-metrics.ts";
import { meanOf } from "../../src/metrics/stats/sample.ts";
import { readBundle } from "../../src/results/bundle/reader.ts";
import { openValidator } from "../results/schemas.ts";
import { startShaper } from "../shaper/shaped-nodes.ts";
import { dockerCommand } from "../support/test-hosts.ts";
import {
  openRemoteSetting,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

const tools = await findNamespaceTools();
const whyNot = whyNoTestHosts ?? (typeof tools === "string" ? tools : undefined);

/** Four runs a side: as many as an interval needs. */
const args = [
  ...["--explain-links", "--runs=4", "--keep-network", "--loads=20"],
  ...["--duration=5", "--warm-up=2", "--drain=3", "--min-round-delay=10", "--cleanup-thorough"],
];
const longestMs = 1_200_000;

/** Between the hosts' own namespaces: their nodes and engines know nothing of it. */
async function delayNetwork({ hosts }: SharedHosts, delayMs: number) {
  const places = await Promise.all(
    hosts.map(async ({ name, privateAddress }) => {
      const pid = await dockerCommand("inspect", "--format", "{{.State.Pid}}", name);
      return { name, addresses: [privateAddress], namespacePath: `/proc/${pid}/ns/net` };
    }),
  );
  const pairs = places.flatMap(({ name: from }) => places.map(({ name: to }) => ({ from, to })));
  const links = pairs
    .filter(({ from, to }) => from !== to)
    .map((pair) => ({ ...pair, ...unshaped, delayMs }));
  const shaper = await startShaper({ mechanism: "nfqueue", places, links, exemptPorts: [], bareEchoes: 0 });
  const ended = shaper.seconds();
  return {
    /** What it did, second by second. */
    end: async () => {
      await shaper[Symbol.asyncDispose]();
      return await ended;
    },
  };
}

/** Mean over the runs of a side. */
async function readSide(folder: string) {
  const { runs } = await readBundle(folder);
  expect(runs).toHaveLength(4);
  return {
    p50Ms: meanOf((runs as RunResult[]).map((run) => readMetric("p50Latency", run)?.value ?? Number.NaN)),
    verdicts: runs.map(({ verdict }) => [verdict.status, ...verdict.reasons]),
  };
}

describe.skipIf(whyNot !== undefined)(`local networks like remote ones ${whyNot ?? ""}`, () => {
  let hosts: SharedHosts;
  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test.each([20, 40])("%i ms one way", { timeout: longestMs }, async (delayMs) => {
    await using setting = await openRemoteSetting(hosts);
    const network = await delayNetwork(hosts, delayMs);
    const both = ["--network-type=both", `--hosts=${setting.hostsFile}`, "--rpc-via=direct", ...args];
    const { code, stdout, stderr } = await setting.start("benchmark", both, { longestMs }).ended;
    const seconds = await network.end();
    expect(seconds.some(({ released }) => released > 0)).toBe(true);
    const folder = await setting.bundle();
    const names = ["comparison.json", "comparison.txt", "linked", "local", "remote", "report.html"];
    expect([code, (await readdir(folder)).sort()], `${stderr}\n${stdout}`).toEqual([0, names]);

    const [local, remote, linked] = await Promise.all(
      ["local", "remote", "linked"].map((part) => readSide(join(folder, part))),
    );
    const seen = JSON.stringify({ delayMs, local, remote, linked });
    process.stderr.write(`${seen}\n`);
    // Commits need messages from a node of the other host.
    expect((remote?.p50Ms ?? 0) - (local?.p50Ms ?? 0), seen).toBeGreaterThan(delayMs);
    expect(Math.abs((linked?.p50Ms ?? 0) / (remote?.p50Ms ?? 1) - 1), seen).toBeLessThan(0.1);

    const text = await readFile(join(folder, "comparison.txt"), "utf8");
    expect(text).toMatch(
      /^20 tx\/s: links explain [\d.]+% of the difference in average latency \(95 % confidence [\d.]+% to [\d.]+%\): /m,
    );
    process.stderr.write(`${/^.*links explain.*$/m.exec(text)?.[0]}\n`);
    const comparison = JSON.parse(await readFile(join(folder, "comparison.json"), "utf8"));
    expect((await openValidator("comparison"))(comparison)).toEqual([]);
    expect(comparison.explained).toHaveLength(1);
    const verified = await setting.start("baleen", ["verify", folder]).ended;
    expect([verified.code, verified.stderr], verified.stdout).toEqual([0, ""]);
  });
});
