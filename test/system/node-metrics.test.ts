/** What real nodes show of themselves, through whole sweeps: it is kept, it can be read, and it agrees with what was seen. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { sendHttp } from "../../src/core/http.ts";
import {
  createProcessDeployer,
  defaultParameters,
  mysticeti,
  runSweep,
  type SweepParameters,
  systemClock,
} from "../../src/index.ts";
import { readHistograms } from "../../src/metrics/nodes/histogram.ts";
import { type MetricFamily, parsePrometheus } from "../../src/metrics/nodes/prometheus.ts";
import { openBundle } from "../../src/results/bundle/open-bundle.ts";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { freePort } from "../stand-in/process.ts";
import { etcdPath, whyNoEtcd } from "../support/etcd.ts";

const { localLoadsTps, remoteLoadsTps, consoleOutput, ...defaults } = defaultParameters;
const parameters: SweepParameters = {
  ...defaults,
  loadsTps: [100],
  durationSecs: 4,
  warmUpSecs: 1,
  drainSecs: 10,
  committee: 4,
};

/** One run on validators. @returns its bundle's texts, and what was told */
async function sweep(changes: Partial<SweepParameters> = {}) {
  await using folder = await makeTemporaryFolder();
  await using bundle = await openBundle({
    outputDir: folder.path,
    networkType: "local",
    run: "0badcafe",
    clock: systemClock,
  });
  const warnings: string[] = [];
  const { results } = await runSweep(
    { ...parameters, ...changes },
    {
      protocol: mysticeti,
      deployer: createProcessDeployer({
        nodeBinary: process.execPath,
        stateDir: join(folder.path, "state"),
        env: process.env,
      }),
      clientRuntime: { nodeBinary: process.execPath, env: process.env },
      emit: (body) => {
        if (body.type === "warning") warnings.push(body.message);
      },
      clock: systemClock,
      signal: new AbortController().signal,
      run: "0badcafe",
      bundle,
    },
  );
  const text = await readFile(join(bundle.folder, "metrics", "1-nodes.openmetrics"), "utf8");
  return {
    result: results[0],
    warnings,
    text,
    families: parsePrometheus(text),
    seconds: await readFile(join(bundle.folder, "timeseries.csv"), "utf8"),
  };
}

/** Values of a metric without further labels, by node, in the order of time. */
function valuesOf(families: readonly MetricFamily[], name: string): ReadonlyMap<string, readonly number[]> {
  const byNode = new Map<string, number[]>();
  for (const { samples } of families) {
    for (const sample of samples) {
      const { labels, name: found } = sample.series;
      const [, node] = labels.find(([label]) => label === "node") ?? [];
      if (found !== name || node === undefined || labels.length !== 1) continue;
      byNode.set(node, [...(byNode.get(node) ?? []), sample.value]);
    }
  }
  return byNode;
}

const increase = (values: readonly number[]) => (values.at(-1) ?? Number.NaN) - (values[0] ?? Number.NaN);

describe("metrics of validators", () => {
  test("say of each node that it committed just what was seen committed", async () => {
    const { families, seconds, warnings, result } = await sweep();
    expect(warnings.filter((message) => message.includes("Metrics"))).toEqual([]);
    const rows = seconds.trimEnd().split("\n").slice(1);
    const committed = rows.reduce((sum, row) => sum + Number(row.split(",")[5]), 0);
    expect(result).toMatchObject({ successful: 400, failed: 0 });
    expect(committed).toBeGreaterThanOrEqual(400);
    const totals = valuesOf(families, "cometbft_consensus_total_txs");
    expect([...totals].map(([node, values]) => [node, increase(values)])).toEqual(
      [0, 1, 2, 3].map((index) => [`node${index}`, committed]),
    );
    // Before the load, on each second of warm-up and window, and behind it all.
    for (const values of totals.values()) expect(values.length).toBeGreaterThanOrEqual(6);
    // Whatever is to be kept is there, if only by its name.
    const names = families.flatMap(({ name }) => [name, `${name}_total`]);
    const lacking = mysticeti.metrics?.keep.filter(
      (wanted) =>
        !names.some((name) =>
          wanted.endsWith("*") ? name.startsWith(wanted.slice(0, -1)) : name === wanted,
        ),
    );
    expect(lacking).toEqual([]);
    const intervals = families.find(({ name }) => name === "cometbft_consensus_block_interval_seconds");
    expect(intervals?.type).toBe("histogram");
    expect(families.find(({ name }) => name === "process_cpu_seconds")?.type).toBe("counter");
  });

  test("of one that crashes and comes back begin anew, and lack nothing that could be had", {
    tags: "full",
  }, async () => {
    const { families, warnings, result } = await sweep({
      // Long enough that the node has counted more than it does in the second after its return.
      warmUpSecs: 4,
      faults: 1,
      crashRecovery: true,
      crashIntervalSecs: 2,
    });
    expect(result?.faults.map(({ action, failure }) => [action, failure])).toEqual([
      ["crash", undefined],
      ["recover", undefined],
    ]);
    expect(warnings.filter((message) => message.includes("Metrics"))).toEqual([]);
    // One that has read its log again has seen no interval yet.
    const counts = valuesOf(families, "cometbft_consensus_block_interval_seconds_count");
    const falls = [...counts].map(([node, values]) => [
      node,
      values.some((value, at) => value < (values[at - 1] ?? 0)),
    ]);
    expect(falls).toEqual([
      ["node0", false],
      ["node1", false],
      ["node2", false],
      ["node3", true],
    ]);
  });
});

const whyNoPromtool =
  spawnSync("promtool", ["--version"]).status === 0
    ? undefined
    : "(SKIPPED: there is no promtool; apt-get install prometheus)";
const intoPrometheus = `metrics of a run can be loaded into Prometheus ${whyNoPromtool ?? ""}`;

test.skipIf(whyNoPromtool !== undefined)(intoPrometheus, async () => {
  await using folder = await makeTemporaryFolder();
  const { text } = await sweep();
  const file = join(folder.path, "1-nodes.openmetrics");
  await writeFile(file, text);
  const made = spawnSync("promtool", [
    "tsdb",
    "create-blocks-from",
    "openmetrics",
    file,
    join(folder.path, "db"),
  ]);
  expect(made.stderr.toString()).toBe("");
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
  const [, loaded = ""] = made.stdout.toString().trimEnd().split("\n");
  expect(loaded.trim().split(/\s{2,}/)[4]).toBe(String(samples));
});

const ofEtcd = `metrics of an etcd server are read, histograms and summaries too ${whyNoEtcd ?? ""}`;

test.skipIf(whyNoEtcd !== undefined)(ofEtcd, async () => {
  await using folder = await makeTemporaryFolder();
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  const args = [
    ["--data-dir", join(folder.path, "data")],
    ["--listen-client-urls", client, "--advertise-client-urls", client],
    [
      "--listen-peer-urls",
      peer,
      "--initial-advertise-peer-urls",
      peer,
      "--initial-cluster",
      `default=${peer}`,
    ],
  ];
  const child = spawn(etcdPath, args.flat() as string[], { stdio: "ignore" });
  const ended = once(child, "exit");
  try {
    const signal = AbortSignal.timeout(20_000);
    const text = await until(
      async () => {
        const reply = await sendHttp(client ?? "", {
          method: "GET",
          path: "/metrics",
          timeoutMs: 1000,
        }).catch(() => undefined);
        return reply?.body.includes("etcd_server_has_leader 1") ? reply.body : undefined;
      },
      { timeoutMs: 15_000, everyMs: 100, signal, describe: () => "etcd has no leader" },
    );
    const families = parsePrometheus(text);
    const count = (type: string) => families.filter((family) => family.type === type).length;
    // As many as the text says.
    for (const type of ["counter", "gauge", "histogram", "summary"]) {
      expect(count(type), type).toBe(text.match(new RegExp(`^# TYPE \\S+ ${type}$`, "gm"))?.length);
    }
    const samples = families.reduce((sum, family) => sum + family.samples.length, 0);
    expect(samples).toBe(
      text
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("#")).length,
    );
    const histograms = families.filter(({ type }) => type === "histogram").flatMap(readHistograms);
    expect(histograms.length).toBeGreaterThan(10);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
});
