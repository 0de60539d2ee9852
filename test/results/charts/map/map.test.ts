/** Maps of links and flows: what they show at which moment, and how it is drawn. */
import { expect, test } from "vitest";
import type { LinkMatrix } from "../../../../src/contracts/links/matrix.ts";
import { compileTimeline } from "../../../../src/links/timeline/compile.ts";
import { parseTimeline } from "../../../../src/links/timeline/parse.ts";
import { drawMap } from "../../../../src/results/charts/map/draw.ts";
import { projectionOf } from "../../../../src/results/charts/map/project.ts";
import { type SceneRequest, sceneOf } from "../../../../src/results/charts/map/scene.ts";
import { matrixOf, nodesOf } from "../../../links/linked.ts";

const placed = `
positions: { node0: [0, 0], node1: [100, 0], node2: [50, 40, 7] }
layers: [{ name: radio, nodes: [node0, node1], quality: [{ distance: 0m, delay: 1ms }, { distance: 200m, loss: 50% }, { distance: 201m, down: true }] }]
quality: [{ distance: 0m, delay: 2ms, rate: 1mbit }]
tick: 1s`;
const timeline = "- { at: 0s, for: 10s, move: node1, to: [200, 0] }\n- { at: 12s, isolate: node2 }";

function request(atSecs: number, links = placed, text = timeline): SceneRequest {
  const matrix: LinkMatrix = matrixOf(links, nodesOf(3));
  const { entries = [] } = text === "" ? {} : parseTimeline(text, "t.yaml");
  const { steps } = compileTimeline(entries, { nodes: nodesOf(3), matrix, windowMs: 30_000, name: "t" });
  const paths = [
    { fromSecs: 0, nodes: ["node0", "node1"] },
    { fromSecs: 8, nodes: ["node0", "node2", "node1"] },
  ];
  return { title: "three <hosts>", atSecs, matrix, steps, flows: [{ name: "talk", paths }] };
}

test("a scene is of its moment: positions, the worse direction of each link, paths of flows", () => {
  const scene = sceneOf(request(5));
  expect(scene.nodes.map(({ position }) => position)).toEqual([
    [0, 0],
    [150, 0],
    [50, 40, 7],
  ]);
  expect(scene.links[0]).toEqual({
    between: ["node0", "node1"],
    layer: "radio",
    delayMs: 1,
    lossRatio: 0.375,
    isDown: false,
  });
  expect(scene.paths).toEqual([{ flow: "talk", nodes: ["node0", "node1"] }]);
  const later = sceneOf(request(13));
  expect(later.links.map(({ isDown, rateBps }) => [isDown, rateBps])).toEqual([
    [false, undefined],
    [true, 1_000_000],
    [true, 1_000_000],
  ]);
  expect(later.paths[0]?.nodes).toHaveLength(3);
  // Maps of one run have one scale.
  const [first, last] = [projectionOf(sceneOf(request(0))), projectionOf(later)];
  expect(first.x([100, 0])).toBe(last.x([100, 0]));
});

test("a drawing has all nodes, links with their figures, and ways, and nothing of it is taken for markup", () => {
  const svg = drawMap(sceneOf(request(13)));
  expect(svg).toMatch(/^<svg xmlns[^>]*>.*<\/svg>\n$/s);
  expect(svg).toContain("three &lt;hosts&gt;");
  expect(svg).not.toMatch(/<script|NaN|undefined|Infinity/);
  expect(svg.match(/<circle [^>]*r="8"/g)).toHaveLength(3);
  expect(svg).toContain("<title>node0 – node1: 1 ms, 50 %, radio</title>");
  expect(svg.match(/stroke-dasharray="3 6" stroke-opacity/g)).toHaveLength(2);
  expect(svg).toContain("<title>talk: node0 → node2 → node1</title>");
  expect(svg).toContain("node2 (z 7 m)");
  expect(svg).toContain("13 s into the window");
});

test("on the earth a grid has degrees; without positions nodes stand on a circle, one alone in the middle", () => {
  const earth = `space: earth\npositions: { node0: [8.5, 50], node1: [139.7, 35.5], node2: [-74, 40.7] }\nquality: [{ distance: 0km, delay: 5ms }]`;
  expect(drawMap(sceneOf(request(0, earth, "")))).toMatch(/>100°<\/text>/);
  const plain = sceneOf(request(0, "default: { delay: 5ms }", ""));
  expect(plain.space).toBe("none");
  expect(new Set(plain.nodes.map(({ position }) => Math.round(Math.hypot(...position) * 1e6)))).toEqual(
    new Set([1e6]),
  );
  expect(drawMap(plain)).toContain("without positions");
  const alone = { ...plain, nodes: plain.nodes.slice(0, 1), links: [], paths: [] };
  expect(drawMap(alone)).not.toMatch(/NaN|Infinity/);
});
