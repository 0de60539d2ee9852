import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runStatus } from "../../../../src/cli/commands/machine/status.ts";
import type { SeenNode } from "../../../../src/contracts/nodes/seen-node.ts";
import type { LockHolder } from "../../../../src/core/process/lock.ts";
import { claimBundle } from "../../../../src/results/bundle/claim.ts";
import { formatAge } from "../../../../src/results/report/text/node-list.ts";
import { runOf } from "../../../results/sample-comparisons.ts";
import { sweepParameters } from "../../../results/sample-results.ts";
import { storeBundle } from "../../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { runAlone } from "../../command-setting.ts";
import { seenNode } from "../../seen-nodes.ts";

interface Machine {
  readonly nodes?: readonly SeenNode[];
  readonly holder?: LockHolder;
}

const status = (argv: readonly string[], { nodes = [], holder }: Machine = {}, json = false) =>
  runAlone(argv, {
    command: runStatus,
    name: "status",
    backend: { listNodes: async () => nodes, lockHolder: async () => holder },
    settings: { json },
  });

const holder: LockHolder = {
  pid: 4711,
  processStart: "x",
  run: "3f9a2c1e",
  since: "2024-01-15T10:30:00.000Z",
  command: "benchmark --loads 100",
  id: "y",
};

test("says that nothing runs", async () => {
  await using folder = await makeTemporaryFolder();
  await storeBundle(folder.path, { runs: [runOf()] });
  const there = [`--output-dir=${folder.path}`];
  expect(await status(there)).toMatchObject({ code: 0, stdout: "Nothing runs here.\n" });
  expect(JSON.parse(String((await status(there, {}, true)).stdout))).toEqual({
    schema: "baleen.status/1",
    under_way: [],
    nodes: [],
    faults: [],
  });
});

test("lists nodes, who drives them, and how the others are removed", async () => {
  const nodes = [
    seenNode({ driver: "process 4711", startedAtMs: Date.now() - 90_500 }),
    seenNode({
      run: "dead",
      name: "node1",
      runtime: "process",
      state: "down",
      startedAtMs: undefined,
      ports: [],
    }),
  ];
  const { code, stdout } = await status(["--output-dir=/nowhere"], { nodes, holder });
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      "Under way, with no bundle here: run 3f9a2c1e",
      "  benchmark --loads 100 (process 4711, since 2024-01-15T10:30:00.000Z)",
      "",
      "Run      Host Node  State  Age Ports",
      "------------------------------------------",
      "3f9a2c1e here node0 up    90 s 26657 26670",
      "dead     here node1 down     - -",
      "",
      "Run 3f9a2c1e (docker): driven by process 4711",
      "Run dead (process): left behind; remove it with: npx baleen clean --run dead",
      "",
    ].join("\n"),
  );
});

test("says how far the sweep of a bundle is that is being written", async () => {
  await using folder = await makeTemporaryFolder();
  const parameters = { ...sweepParameters, loadsTps: [100, 200], durationSecs: 60 };
  const bundle = await storeBundle(folder.path, { runs: [runOf()], parameters, finish: false });
  await using _claim = await claimBundle(bundle, { run: "3f9a2c1e", command: "benchmark --loads 100,200" });
  const notify = (event: object) => appendFile(join(bundle, "events.ndjson"), `${JSON.stringify(event)}\n`);
  const there = [`--output-dir=${folder.path}`];
  await notify({ type: "run-created", benchmarkNumber: 2, loadTps: 200 });
  await notify({ type: "network-step", step: "starting node2" });
  expect((await status(there)).stdout).toContain("\n  Run 2: 200 tx/s, starting node2\n");
  await notify({ type: "load-second", second: 13, due: 200, sent: 200, acknowledged: 199, committed: 198 });
  // The line that is being written.
  await appendFile(join(bundle, "events.ndjson"), '{"type":"load-sec');
  expect((await status(there)).stdout).toMatch(
    /^Under way: \S+-local-3f9a2c1e, 1 of 2 runs finished\n {2}Run 2: 200 tx\/s, 14 of 60 s: 200 due, 198 committed in the last second\n {2}benchmark --loads 100,200 \(process \d+, since /,
  );
  const document = JSON.parse(String((await status(there, {}, true)).stdout)) as { under_way: unknown[] };
  expect(document.under_way).toMatchObject([
    { bundle, finished_runs: 1, planned_runs: 2, benchmark_number: 2, load: 200, second: 13, duration: 60 },
  ]);
});

test("of peers with routines it says what they did last", async () => {
  await using folder = await makeTemporaryFolder();
  const bundle = await storeBundle(folder.path, { runs: [], parameters: sweepParameters, finish: false });
  await using _claim = await claimBundle(bundle, { run: "3f9a2c1e", command: "browsers --local" });
  const rates = { sentPerSec: 66.6, receivedPerSec: 67, relayedPerSec: 0 };
  for (const event of [
    { type: "run-created", benchmarkNumber: 1, loadTps: 33.3, windowSecs: 20 },
    { type: "routine-step", second: 4, lengthSecs: 2, peers: 3, ...rates },
  ]) {
    await appendFile(join(bundle, "events.ndjson"), `${JSON.stringify(event)}\n`);
  }
  const there = [`--output-dir=${folder.path}`];
  expect((await status(there)).stdout).toContain(
    "\n  Run 1: 33.3 tx/s, 6/20 s: 3 peers; packets/s: 66.6 sent, 67.0 received, 0.00 relayed\n",
  );
  const { under_way } = JSON.parse(String((await status(there, {}, true)).stdout));
  expect(under_way).toMatchObject([{ second: 4 }]);
});

test.each([
  [0, "0 s"],
  [119_999, "119 s"],
  [120_000, "2 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 d"],
])("an age of %d ms is %s", (ms, shown) => {
  expect(formatAge(ms)).toBe(shown);
});
