import { expect, test } from "vitest";
import { bandsOf } from "../../../../src/results/charts/data/bands.ts";
import { faultyRun, validRun } from "../../sample-results.ts";

const change = { action: "partition", what: "node0 | node1", askedSecs: 10, links: 2 } as const;

test("a fault lasts until its node is back, a change of links until it is undone, else to the window's end", () => {
  const faults = [
    { node: "node1", action: "crash", askedSecs: 0, effectiveSecs: 0.5 },
    { node: "node2", action: "pause", askedSecs: 20 },
    { node: "node1", action: "recover", askedSecs: 60, effectiveSecs: 61.25 },
  ] as const;
  const linkChanges = [
    { ...change, stage: "begin", effectiveSecs: 10.5 },
    { ...change, stage: "end", askedSecs: 15 },
    { ...change, stage: "begin", askedSecs: 100 },
  ] as const;
  expect(bandsOf({ ...validRun, faults, linkChanges })).toEqual([
    { kind: "fault", name: "node1 down", from: 0.5, to: 61.25 },
    { kind: "fault", name: "node2 paused", from: 20, to: 180 },
    { kind: "links", name: "partition: node0 | node1", from: 10.5, to: 15 },
    { kind: "links", name: "partition: node0 | node1", from: 100, to: 180 },
  ]);
  expect(bandsOf(validRun)).toEqual([]);
  expect(bandsOf(faultyRun).length).toBeGreaterThan(0);
});
