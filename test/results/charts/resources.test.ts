import { expect, test } from "vitest";
import type { RunResult } from "../../../src/contracts/results/result.ts";
import { resourcesByRole } from "../../../src/metrics/nodes/resources.ts";
import { resourceCharts } from "../../../src/results/charts/data/resource-charts.ts";
import { compareResources } from "../../../src/results/charts/resources.ts";
import { drawResources } from "../../../src/results/page/resource-pictures.ts";
import { formatResources } from "../../../src/results/report/tables/resource-table.ts";
import { messagesRun } from "../sample-messages.ts";
import { nativeRun } from "../sample-native.ts";
import { invalidRun } from "../sample-results.ts";
import { figuresIn, routinesRun } from "../sample-routines.ts";

const mib = 1024 ** 2;
const node = (name: string, memoryBytes: number | undefined, goroutines: number) => ({
  name,
  exitedUnasked: false,
  cpuSecs: 0.5,
  memoryBytes,
  openFiles: 11,
  goroutines,
});

/** One bootstrap node and its peers; a second of CPU in five. */
const star = (peers: number, more = 0) => ({
  ...nativeRun,
  nodes: Array.from({ length: peers }, (_, at) => node(`node${at}`, (20 + at) * mib, 50)),
  helpers: [{ ...node(`node${peers}`, (20 + 2 * peers + more) * mib, 40 + 7 * peers), role: "bootstrap" }],
});

const committee = { name: "committee" };
const stars = [4, 8, 16].map((peers) => ({
  values: [peers],
  summary: { runs: [star(peers, -1), star(peers, 1)] },
}));

test("resources are means over the nodes of a role, of what is known of all of them", () => {
  const run = star(2);
  const [first, ...others] = run.nodes;
  const found = resourcesByRole({
    ...run,
    nodes: [...others, { ...first, memoryBytes: undefined } as typeof first & {}],
  });
  expect(found).toEqual([
    {
      role: "bootstrap",
      nodes: 1,
      means: { memoryBytes: 24 * mib, cpuRatio: 0.1, openFiles: 11, goroutines: 54 },
    },
    { role: "node", nodes: 2, means: { cpuRatio: 0.1, openFiles: 11, goroutines: 50 } },
  ]);
});

test("of peers of messages connections are known as well", () => {
  const connected = messagesRun.figures.messages?.peers.map(({ connections }) => connections);
  expect(connected).toEqual([1, 1]);
  expect(resourcesByRole(messagesRun)).toMatchObject([{ role: "peer", means: { connections: 1 } }]);
});

test("browsers have a role of their own, and the connections of their peers", () => {
  const [browsers] = resourcesByRole(routinesRun);
  expect(browsers).toMatchObject({ role: "browser", nodes: 4, means: { connections: 3, threads: 120 } });
  expect(browsers?.means.cpuRatio).toBeCloseTo(0.075);
  const [silent, ...others] = figuresIn(routinesRun).peers;
  const peers = silent === undefined ? others : [{ ...silent, points: 0, connections: 0 }, ...others];
  const figures = { ...routinesRun.figures, routines: { ...figuresIn(routinesRun), peers } };
  expect(resourcesByRole({ ...routinesRun, figures })[0]?.means.connections).toBeUndefined();
});

test("a slope over the runs of all sizes, for each role", () => {
  const [bootstrap, peers] = compareResources([committee], stars);
  expect(bootstrap).toMatchObject({
    role: "bootstrap",
    rows: [{ committee: 4, runs: 2 }, { committee: 8 }, { committee: 16 }],
  });
  expect(bootstrap?.slopes.goroutines?.slope).toBe(7);
  expect(bootstrap?.slopes.memoryBytes?.slope).toBeCloseTo(2 * mib);
  expect(bootstrap?.slopes.memoryBytes?.low).toBeLessThan(2 * mib);
  expect(peers?.slopes.goroutines).toEqual({ slope: 0, low: 0, high: 0 });
});

test("nothing is compared by other options, of invalid runs, or of one size", () => {
  expect(compareResources([{ name: "protocol.delay" }], stars)).toEqual([]);
  expect(compareResources([committee, { name: "transport" }], stars)).toEqual([]);
  expect(compareResources([committee], stars.slice(0, 1))).toEqual([]);
  const invalid: RunResult[] = [invalidRun];
  expect(
    compareResources([committee], [...stars.slice(0, 1), { values: [8], summary: { runs: invalid } }]),
  ).toEqual([]);
});

test("tables have a row for each role and size, and for each slope", async () => {
  const text = formatResources(compareResources([committee], stars)).join("\n");
  await expect(text).toMatchFileSnapshot("resources.golden.txt");
  expect(formatResources([])).toEqual([]);
});

test("charts and the picture show the metrics that are known", async () => {
  const all = compareResources([committee], stars);
  expect(resourceCharts(all).map(({ name }) => name)).toEqual([
    "resources-memory",
    "resources-cpu",
    "resources-open-files",
    "resources-goroutines",
  ]);
  const { files, notes } = await drawResources(all);
  expect(notes).toEqual([]);
  const svg = String(files.get("resource_comparison.svg"));
  for (const text of [">Memory of a node<", ">bootstrap<", ">node<"]) expect(svg).toContain(text);
  const png = Buffer.from(files.get("resource_comparison.png") as Uint8Array);
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
});

test("without figures there is no picture", async () => {
  expect((await drawResources([])).files.size).toBe(0);
});
