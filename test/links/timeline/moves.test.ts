/** Nodes that move, below all else that is done to links. */
import { describe, expect, test } from "vitest";
import { nodesOf } from "../linked.ts";
import { compiled, linkLines } from "./compiled.ts";

const links = `
positions: { node0: [0, 0], node1: [10, 0] }
quality: [{ distance: 0m, delay: 0ms }, { distance: 100m, delay: 100ms }, { distance: 200m, down: true }]
tick: 1s`;
const two = { nodes: nodesOf(2), links };

test("links follow nodes at each tick, between the beginning and the end of a move", () => {
  const text = "- { at: 1500ms, for: 3s, move: node1, to: [40, 0] }";
  expect(linkLines(text, two)).toEqual([
    "1500 move begin: ",
    "2000 move step: node0>node1 15, node1>node0 15",
    "3000 move step: node0>node1 25, node1>node0 25",
    "4000 move step: node0>node1 35, node1>node0 35",
    "4500 move end: ",
    "5000 move step: node0>node1 40, node1>node0 40",
  ]);
  const { steps } = compiled(text, two);
  expect(steps[0]).toMatchObject({ what: "node1 to [40, 0]", place: "timeline.yaml:1" });
  expect(steps[1]).toMatchObject({
    positions: [
      [0, 0],
      [15, 0],
    ],
  });
});

test("what else is done stacks above, and ends on what is below by then; heal moves nobody", () => {
  const text = `
- { at: 0s, for: 4s, move: node1, to: [50, 0] }
- { at: 1s, for: 2s, isolate: node0 }
- { at: 3500ms, set: { delay: 7ms } }
- { at: 5s, heal: all }`;
  expect(linkLines(text, two)).toEqual([
    "0 move begin: ",
    "1000 move step: node0>node1 20, node1>node0 20",
    "1000 isolate begin: node0>node1 down, node1>node0 down",
    "2000 move step: node0>node1 down, node1>node0 down",
    "3000 move step: node0>node1 down, node1>node0 down",
    "3000 isolate end: node0>node1 40, node1>node0 40",
    "3500 set begin: node0>node1 7, node1>node0 7",
    "4000 move step: ",
    "4000 move end: ",
    "5000 heal begin: node0>node1 50, node1>node0 50",
  ]);
});

test("a later move takes over from where the node is", () => {
  const text =
    "- { at: 0s, for: 10s, move: node1, to: [110, 0] }\n- { at: 2s, move: node1, to: [60, 0], speed: 10m/s }";
  expect(linkLines(text, two)).toEqual([
    "0 move begin: ",
    "1000 move step: node0>node1 20, node1>node0 20",
    "2000 move step: node0>node1 30, node1>node0 30",
    "2000 move begin: ",
    "3000 move step: node0>node1 40, node1>node0 40",
    "4000 move step: node0>node1 50, node1>node0 50",
    "5000 move step: node0>node1 60, node1>node0 60",
    "5000 move end: ",
    "10000 move end: ",
  ]);
});

test("a link that comes within range is up; links set by name, and of nodes without a position, stay", () => {
  const three = {
    nodes: nodesOf(4),
    links: `${links}\nnode-pairs: [{ from: node0, to: node2, delay: 3ms }]`,
  };
  expect(linkLines("- { at: 0s, for: 1s, move: node1, to: [300, 0] }", three)).toEqual([
    "0 move begin: ",
    "1000 move step: node0>node1 down, node1>node0 down",
    "1000 move end: ",
  ]);
});

describe("refuses", () => {
  test.each<[string, RegExp[]]>([
    ["- { at: 0s, move: node1 }", [/move: says not where to; add one of to, path, circle, wander/]],
    ["- { at: 0s, move: node1, to: [1, 2] }", [/move: needs for: or speed:/]],
    ["- { at: 0s, for: 1s, move: node1, to: [1, 2], speed: 2m/s }", [/speed: for: is given too/]],
    ["- { at: 0s, move: node1, to: [1], speed: 2 }", [/to: /, /speed: "2" has no unit; give a speed/]],
    ["- { at: 0s, for: 1s, move: node1, to: [1, 2], path: [[1, 2]] }", [/path: to: is given too/]],
    ["- { at: 0s, move: node1, circle: { center: [0, 0], period: 5s } }", [/circle: needs for/]],
    [
      "- { at: 0s, for: 1s, move: node1, wander: { within: [[1, 1], [0, 0]] } }",
      [/needs speed/, /lesser values/],
    ],
    ["- { at: 0s, crash: node1, to: [1, 2] }", [/to: does not go with crash, only with move/]],
    [
      "- { at: 0s, move: node1, to: [1000, 0], speed: 1m/s }",
      [/move: it would arrive at 990 s, after the window/],
    ],
    ["- { at: 0s, for: 1s, move: node2, to: [0, 1] }", [/node2 has no position; add it to positions:/]],
  ])("%s", (text, messages) => {
    const { problems } = compiled(text, { nodes: nodesOf(3), links });
    expect(problems).toHaveLength(messages.length);
    for (const message of messages) expect(problems).toContainEqual(expect.stringMatching(message));
  });

  test("moves where nothing has a position, and circles on the earth", () => {
    const move = "- { at: 0s, for: 1s, move: node1, circle: { center: [0, 0], period: 5s } }";
    expect(compiled(move, { nodes: nodesOf(2) }).problems).toEqual([
      expect.stringMatching(/move: these links have no positions/),
    ]);
    const earth = `space: earth\n${links.replace("tick: 1s", "")}`;
    expect(compiled(move, { nodes: nodesOf(2), links: earth }).problems).toEqual([
      expect.stringMatching(/circle: is for a plane only/),
    ]);
  });
});
