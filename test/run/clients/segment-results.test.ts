import { expect, test } from "vitest";
import { LatencyRecord } from "../../../src/metrics/stats/latency-record.ts";
import { joinSegments, phaseResults, segmentResults } from "../../../src/run/clients/segment-results.ts";

const tally = (scheduled: number, committed: number) => ({
  scheduled,
  committed,
  latency: new LatencyRecord(),
});
const targets = ["node0", "node1", "node2"].map((node) => ({ node, rpc: { host: "127.0.0.1", port: 1 } }));

test("stretches name their nodes, and last until the next one or the end of the window", () => {
  const segments = [
    { fromMs: -2_000, down: [] },
    { fromMs: 0, down: [1, 2] },
    { fromMs: 1_500, down: [] },
  ];
  const report = {
    segments: [
      { up: tally(6, 6), down: tally(0, 0), observed: 0 },
      { up: tally(3, 2), down: tally(5, 1), observed: 0 },
      { up: tally(9, 9), down: tally(0, 0), observed: 0 },
    ],
  };
  const nobody = { scheduled: 0, successful: 0 };
  expect(segmentResults(joinSegments({ segments }, report), { targets, windowMs: 4_000 })).toMatchObject([
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

test("a run that is cut by crashes and phases is put together by each of them", () => {
  const segments = [
    { fromMs: -2_000, down: [] },
    { fromMs: 0, down: [2], phase: 0 },
    { fromMs: 1_000, down: [2], phase: 1 },
    { fromMs: 1_500, down: [1], phase: 1 },
  ];
  const report = {
    segments: [
      { up: tally(6, 6), down: tally(0, 0), observed: 5 },
      { up: tally(4, 4), down: tally(2, 0), observed: 4 },
      { up: tally(3, 2), down: tally(1, 1), observed: 3 },
      { up: tally(8, 8), down: tally(4, 0), observed: 9 },
    ],
  };
  expect(segmentResults(joinSegments({ segments }, report), { targets, windowMs: 4_000 })).toMatchObject([
    { fromSecs: -2, toSecs: 0, nodesDown: [], ofLivingNodes: { scheduled: 6 } },
    {
      fromSecs: 0,
      toSecs: 1.5,
      nodesDown: ["node2"],
      ofLivingNodes: { scheduled: 7, successful: 6 },
      ofDeadNodes: { scheduled: 3, successful: 1 },
    },
    { fromSecs: 1.5, toSecs: 4, nodesDown: ["node1"], ofLivingNodes: { scheduled: 8 } },
  ]);
  const spans = [
    { name: "quiet", fromMs: 0, toMs: 1_000 },
    { name: "busy", fromMs: 1_000, toMs: 4_000 },
  ];
  expect(phaseResults(joinSegments({ segments }, report), spans)).toMatchObject([
    { name: "quiet", scheduled: 6, successful: 4, observed: 4 },
    { name: "busy", fromSecs: 1, toSecs: 4, scheduled: 16, successful: 11, observed: 12 },
  ]);
});
