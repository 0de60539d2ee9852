import { expect, test } from "vitest";
import type { FlowFigures } from "../../../src/contracts/results/native/flows.ts";
import type { NativeResult } from "../../../src/contracts/results/native/native.ts";
import { runMaps } from "../../../src/results/page/run-maps.ts";
import { linkProbes } from "../sample-links.ts";
import { nativeRun } from "../sample-native.ts";

const document = {
  positions: { node0: [0, 0], node1: [100, 0] },
  quality: [
    { distance: "0m", delay: "1ms" },
    { distance: "100m", delay: "11ms" },
  ],
};
const entries = [{ at: "1s", for: "2s", move: "node1", to: [50, 0] }];
const parameters = { links: { name: "l.yaml", document }, timeline: { name: "t.yaml", entries } };
const ground = {
  space: "plane",
  tickMs: 100,
  nodes: ["node0", "node1"].map((name) => ({ name, group: "validator" })),
  start: [
    [0, 0],
    [100, 0],
  ],
  moves: [],
} as const;
const handover = { flow: "talk", leftSecs: 2, switchedSecs: 2.5 } as FlowFigures["handovers"][number];
const paths = [{ fromSecs: 0, state: "complete", nodes: ["node0", "node1"] }] as const;

const mapsOf = (flows?: Partial<FlowFigures>, timeline?: readonly unknown[]) => {
  const run = { ...nativeRun, figures: { ...nativeRun.figures, flows } } as NativeResult;
  const view = { run, isDetailed: true, seconds: [], hosts: [], curve: [], nodes: [] };
  return runMaps({ ...view, links: { ...linkProbes, ground }, timeline }, { parameters })?.text ?? "";
};
const captions = (page: string) =>
  [...page.matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(([, text]) => text);

test("there are maps of the start, the middle and the end", () => {
  const { durationSecs } = nativeRun.parameters;
  expect(captions(mapsOf())).toEqual([
    "At the start, 0.0 s into the window",
    `In the middle, ${(durationSecs / 2).toFixed(1)} s into the window`,
    `At the end, ${durationSecs.toFixed(1)} s into the window`,
  ]);
  expect(mapsOf()).toContain("11 ms");
  expect(mapsOf()).toContain("6 ms");
});

test("there are maps before and after the first handover, with the paths of flows", () => {
  const flow = { name: "talk", paths } as unknown as FlowFigures["flows"][number];
  const page = mapsOf({ flows: [flow], handovers: [handover] });
  expect(captions(page)[1]).toBe("Before the handover of talk, 2.0 s into the window");
  expect(captions(page)[2]).toBe("After it, 2.5 s into the window");
  expect(page).toContain("talk: node0 → node1");
});

test("what a person changed by hand is on the maps", () => {
  expect(mapsOf(undefined, [{ at: "1s", set: { delay: "77ms" } }])).toContain("77 ms");
});
