import { describe, expect, test } from "vitest";
import { faultOutcomes, stretchResults } from "../../src/benchmark/fault-outcomes.ts";
import type { FaultRecord } from "../../src/contracts/result.ts";
import { LatencyRecord } from "../../src/stats/latency-record.ts";

describe("the first commit after a fault", () => {
  const crash: FaultRecord = {
    node: "node3",
    action: "crash",
    askedSecs: 0,
    issuedSecs: 0.01,
    effectiveSecs: 0.1,
  };
  const heightsSeenMs = [-50, 20, 99, 100, 180];

  test.each<[string, Partial<FaultRecord>, number | undefined]>([
    ["is the first since the crash took effect", {}, 0.1],
    ["is the first since a recovery was ordered", { action: "recover" }, 0.02],
    ["is none where all were before", { effectiveSecs: 0.181 }, undefined],
    ["is none where the fault had no effect", { effectiveSecs: undefined, failure: "gone" }, undefined],
  ])("%s", (_, change, wanted) => {
    const [outcome] = faultOutcomes([{ ...crash, ...change }], heightsSeenMs);
    expect(outcome).toMatchObject({ ...crash, ...change });
    expect(outcome?.firstCommitSecs).toBe(wanted);
  });
});

test("stretches name their nodes, and last until the next one or the end of the window", () => {
  const tally = (scheduled: number, committed: number) => ({
    scheduled,
    committed,
    latency: new LatencyRecord(),
  });
  const targets = ["node0", "node1", "node2"].map((node) => ({ node, rpc: { host: "127.0.0.1", port: 1 } }));
  const stretches = [
    { fromMs: -2_000, down: [] },
    { fromMs: 0, down: [1, 2] },
    { fromMs: 1_500, down: [] },
  ];
  const report = {
    stretches: [
      { up: tally(6, 6), down: tally(0, 0), observed: 0 },
      { up: tally(3, 2), down: tally(5, 1), observed: 0 },
      { up: tally(9, 9), down: tally(0, 0), observed: 0 },
    ],
  };
  const nobody = { scheduled: 0, successful: 0 };
  expect(stretchResults({ targets, stretches, windowMs: 4_000 }, report)).toMatchObject([
    {
      fromSecs: -2,
      toSecs: 0,
      nodesDown: [],
      ofLivingNodes: { scheduled: 6, successful: 6 },
      ofDeadNodes: nobody,
    },
    {
      fromSecs: 0,
      toSecs: 1.5,
      nodesDown: ["node1", "node2"],
      ofLivingNodes: { scheduled: 3, successful: 2 },
      ofDeadNodes: { scheduled: 5, successful: 1 },
    },
    { fromSecs: 1.5, toSecs: 4, nodesDown: [], ofLivingNodes: { scheduled: 9 }, ofDeadNodes: nobody },
  ]);
});
