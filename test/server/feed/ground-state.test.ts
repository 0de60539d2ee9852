import { expect, test } from "vitest";
import type { LiveGround, LiveLink, LiveView } from "../../../src/contracts/links/live.ts";
import { mapPicture } from "../../../src/results/charts/map/draw.ts";
import { readEvent } from "../../../src/server/feed/check-event.ts";
import {
  groundAt,
  mostGround,
  type NetworkState,
  observeGround,
  observeView,
} from "../../../src/server/feed/ground-state.ts";
import { latestSecond, liveScene } from "../../../src/server/feed/live-scene.ts";
import { newState, observeEvent, type RunState } from "../../../src/server/feed/run-state.ts";
import { besideEachOther, costSeries, linkSeries, spread } from "../../../src/server/feed/series.ts";

const link = (from: number, to: number, delayMs: number, lossRatio = 0): LiveLink => {
  return [from, to, delayMs, lossRatio, null, false];
};
const first: LiveGround = {
  second: 0,
  nodes: ["a", "b", "c"],
  space: "plane",
  positions: [[0, 0], [10, 0], null],
  links: [link(0, 1, 5), link(1, 0, 5), link(0, 2, 1), link(2, 0, 1)],
};
const views: readonly LiveView[] = [
  { second: 0, paths: [{ flow: "talk", nodes: ["a", "b"] }], links: [{ from: "a", to: "b", cost: 96 }] },
  {
    second: 4,
    paths: [{ flow: "talk", nodes: ["a", "c", "b"] }],
    links: [
      { from: "a", to: "b" },
      { from: "b", to: "a", cost: 900 },
    ],
  },
];

/** A run of which these events told. */
function runOf(...later: readonly LiveGround[]): RunState {
  const state = newState();
  const bodies = [
    { type: "run-created", benchmarkNumber: 1, loadTps: 50, windowSecs: 10 },
    ...[first, ...later].map((moment) => ({ type: "ground", ...moment })),
    ...views.map((view) => ({ type: "network-view", ...view })),
  ];
  for (const [seq, body] of bodies.entries()) {
    const envelope = { v: 1, run: "r", source: "coordinator", seq, t: "2026-01-01T00:00:00.000Z" };
    const event = readEvent(JSON.stringify({ ...body, ...envelope }));
    if (event === undefined) throw new TypeError(JSON.stringify(body));
    observeEvent(state, { event });
  }
  if (state.run === undefined) throw new TypeError("no run");
  return state.run;
}

const changed: LiveGround = { second: 2, inForceSecs: 2.01, links: [link(0, 1, 80, 0.3)] };
const moved: LiveGround = { second: 3, inForceSecs: 3, positions: [[5, 5], [10, 0], null], links: [] };

test("links and positions are those of the moment, and the latest ones without one", () => {
  const { ground } = runOf(changed, moved);
  if (ground === undefined) throw new TypeError("no ground");
  expect(groundAt(ground, 1.9).links).toContainEqual(link(0, 1, 5));
  expect(groundAt(ground, 2).links).toContainEqual(link(0, 1, 80, 0.3));
  expect(groundAt(ground, -5).links).toHaveLength(4);
  expect(groundAt(ground, 2.9).positions[0]).toEqual([0, 0]);
  expect(groundAt(ground).positions[0]).toEqual([5, 5]);
});

test("memory is bounded: what is oldest becomes one moment, and what is in force stays so", () => {
  const state: NetworkState = { views: [] };
  observeGround(state, first);
  for (let second = 1; second <= mostGround.moments + 50; second++) {
    observeGround(state, { second, links: [link(0, 1, second)] });
    observeView(state, { second, paths: [], links: [] });
  }
  const { ground } = state;
  expect(ground?.moments).toHaveLength(mostGround.moments);
  expect(ground?.moments[0]?.links).toHaveLength(4);
  expect(ground && groundAt(ground).links).toContainEqual(link(0, 1, mostGround.moments + 50));
  expect(ground && groundAt(ground, 0).links).toContainEqual(link(1, 0, 5));
  expect(ground?.size).toBe(ground?.moments.reduce((sum, { links }) => sum + links.length, 0));
  expect(state.views).toHaveLength(mostGround.views);
});

test("a later run begins anew, and changes of what nobody told are left out", () => {
  const state: NetworkState = { views: [] };
  observeGround(state, changed);
  expect(state.ground).toBeUndefined();
});

test("a scene has the worse direction of each pair, the view of the moment, and the layers that are on", () => {
  const run = runOf(changed, moved);
  const all = { links: true, view: true, hiddenFlows: new Set<string>() };
  const scene = liveScene(run, 2, all);
  expect(scene).toMatchObject({
    title: "Run 1",
    atSecs: 2,
    space: "plane",
    paths: [{ flow: "talk", nodes: ["a", "b"] }],
    viewed: [{ between: ["a", "b"], cost: 96 }],
  });
  expect(scene?.links).toContainEqual({ between: ["a", "b"], delayMs: 80, lossRatio: 0.3, isDown: false });
  // One that a host calls unusable is so.
  expect(liveScene(run, undefined, all)?.viewed).toEqual([{ between: ["a", "b"] }]);
  expect(liveScene(run, undefined, all)?.paths[0]?.nodes).toEqual(["a", "c", "b"]);
  expect(latestSecond(run)).toBe(4);
  const off = liveScene(run, 5, { links: false, view: false, hiddenFlows: new Set(["talk"]) });
  expect([off?.links, off?.viewed, off?.paths]).toEqual([[], [], []]);
  // All moments have one scale.
  expect(scene?.extent).toContainEqual([5, 5]);
  const picture = scene === undefined ? "" : mapPicture(scene).text;
  expect(picture).toContain('data-from="a" data-to="b"');
  expect(picture).toContain(">cost 96<");
  expect(picture).not.toContain("<style>");
});

test("series hold up to now; of many, three are left; those of another run stand beside", () => {
  const run = runOf(changed);
  const delays = linkSeries(run, ([, , delayMs]) => delayMs);
  expect(delays).toMatchObject({
    seconds: [0, 2, 4],
    series: [
      { label: "a – b", values: [5, 80, 80] },
      { label: "a – c", values: [1, 1, 1] },
    ],
  });
  expect(costSeries(run).series).toEqual([
    { label: "a → b", values: [96, undefined] },
    { label: "b → a", values: [undefined, 900] },
  ]);
  const many = {
    seconds: [1],
    series: Array.from({ length: 9 }, (_, at) => ({ label: `${at}`, values: [at] })),
  };
  expect(spread(many).series).toEqual([
    { label: "least", values: [0] },
    { label: "median", values: [4] },
    { label: "most", values: [8] },
  ]);
  const other = { seconds: [1, 2], series: [{ label: "p50", values: [7, 8] }] };
  const own = { seconds: [0, 2], series: [{ label: "p50", values: [3, 4] }] };
  expect(besideEachOther(own, other, "last week")).toEqual({
    seconds: [0, 1, 2],
    isJoined: true,
    series: [
      { label: "p50", values: [3, undefined, 4] },
      { label: "p50 (last week)", values: [undefined, 7, 8] },
    ],
  });
});

test.each([
  ["a link that is no list", { ...first, links: [5] }],
  ["a link with a name", { ...first, links: [["a", 1, 5, 0, null, false]] }],
  ["a position of one number", { ...first, positions: [[1]] }],
  ["an unknown space", { ...first, space: "moon" }],
])("%s makes an event none", (_, moment) => {
  const envelope = { v: 1, run: "r", source: "c", seq: 0, t: "2026-01-01T00:00:00.000Z" };
  expect(readEvent(JSON.stringify({ type: "ground", ...first, ...envelope }))).toBeDefined();
  expect(readEvent(JSON.stringify({ type: "ground", ...moment, ...envelope }))).toBeUndefined();
});
