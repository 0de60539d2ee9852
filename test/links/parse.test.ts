import { expect, test } from "vitest";
import * as z from "zod";
import { unshaped } from "../../src/contracts/links/shape.ts";
import { formatJson } from "../../src/core/documents/numbers.ts";
import { linksFileSchema } from "../../src/links/schema/schema.ts";
import { codeBlocks } from "../docs/pages.ts";
import { linksOf, matrixOf, problemsOf } from "./linked.ts";

test("schema/links.schema.json is made of the schema that files are held to", async () => {
  // After a change of the schema: vitest run test/links/parse.test.ts --update
  const title = "Emulated links for baleen";
  const text = formatJson({ title, ...z.toJSONSchema(linksFileSchema(), { io: "input" }) });
  await expect(text).toMatchFileSnapshot("../../schema/links.schema.json");
});

test("an empty table shapes nothing", () => {
  expect(linksOf("{}")("node0", "node1")).toEqual(unshaped);
  expect(matrixOf("{}").clients).toBeUndefined();
});

test.each<[string, object]>([
  ["delay: 1.5s", { delayMs: 1500 }],
  ["jitter: 5ms", { jitter: { deviationMs: 5, distribution: "normal" } }],
  ["jitter: 5ms, jitter-distribution: pareto", { jitter: { deviationMs: 5, distribution: "pareto" } }],
  ["jitter: 5ms, jitter-distribution: none", {}],
  ["jitter: 0ms", {}],
  ["loss: 1%", { loss: { kind: "independent", lossRatio: 0.01 } }],
  ["loss: 0%", {}],
  [
    "loss-bursts: { p: 1%, r: 25% }",
    {
      loss: {
        kind: "gilbert-elliott",
        goodToBadRatio: 0.01,
        badToGoodRatio: 0.25,
        goodLossRatio: 0,
        badLossRatio: 1,
      },
    },
  ],
  ["rate: 20mbit", { rateBps: 20_000_000 }],
  ["rate: 20mbit, queue: 10ms", { rateBps: 20_000_000, queue: { kind: "time", ms: 10 } }],
  ["rate: 20mbit, queue: 64kB", { rateBps: 20_000_000, queue: { kind: "bytes", bytes: 64_000 } }],
  ["rate: unlimited", {}],
  [
    "duplicate: 1%, reorder: 2%, corrupt: 3%",
    { duplicateRatio: 0.01, reorderRatio: 0.02, corruptRatio: 0.03 },
  ],
  ["down: true", { down: true }],
])("a shape of { %s }", (text, expected) => {
  expect(linksOf(`default: { ${text} }`)("node2", "node1")).toEqual({ ...unshaped, ...expected });
});

test("clients have a shape of their own, which inherits nothing", () => {
  expect(matrixOf("default: { loss: 1% }\nclients: { delay: 20ms }").clients).toEqual({
    ...unshaped,
    delayMs: 20,
  });
});

test.each<[string, string, string]>([
  [
    "a time without a unit",
    "default:\n  delay: 50",
    '2: delay: "50" has no unit; give a time such as 50ms, 1.5s or 250us.',
  ],
  [
    "a word for a time",
    "default: { jitter: much }",
    '1: jitter: "much" cannot be read; give a time such as 50ms, 1.5s or 250us.',
  ],
  [
    "a share as a ratio",
    "default: { loss: 0.01 }",
    '1: loss: "0.01" has no unit; give a percentage such as 1% or 0.05%.',
  ],
  [
    "a rate in bytes",
    "default: { rate: 20MB }",
    '1: rate: "20MB" has an unknown unit; give a rate such as 100kbit, 20mbit or 1gbit.',
  ],
  [
    "a queue without a unit",
    "default: { rate: 1mbit, queue: 5 }",
    '1: queue: "5" has no unit; give a time such as 50ms, or a size such as 64kB or 1MB.',
  ],
  [
    "a queue without a rate",
    "default: { queue: 5ms }",
    "1: queue: nothing waits without a rate; add rate: or remove queue:.",
  ],
  [
    "a distribution that is none",
    "default: { jitter-distribution: gauss }",
    "1: jitter-distribution: must be one of none, uniform, normal, pareto.",
  ],
  ["a misspelt key", "default: { dely: 5ms }", "1: dely: no such key. Did you mean delay?"],
  [
    "two kinds of loss",
    "default: { loss: 1%, loss-bursts: { p: 1%, r: 1% } }",
    "1: loss-bursts: loss: is given too; use one of them.",
  ],
  [
    "bursts without an end",
    "default: { loss-bursts: { p: 1%, r: 0% } }",
    "1: r: with 0% no burst ever ends; give more than 0%.",
  ],
  ["bursts without p", "default: { loss-bursts: { r: 1% } }", "1: loss-bursts: p is missing."],
  ["a region twice", "regions:\n  - eu\n  - eu", "3: regions: eu is named twice; remove one."],
  ["regions of nobody", "assign: round-robin", "1: assign: there are no regions; add regions:."],
  [
    "another way to assign",
    "regions: [eu]\nassign: random",
    "2: assign: must be: round-robin, host-regions, a list with the region of each node, or hosts: with the region of each host.",
  ],
  [
    "an unknown region in the list",
    "regions: [eu, us]\nassign: [eu, uss, eu, us]",
    "2: assign: there is no region uss; the regions are eu, us. Did you mean us?",
  ],
  [
    "an unknown region of a host",
    "regions: [eu]\nassign: { hosts: { a: as } }",
    "2: assign: there is no region as; the regions are eu.",
  ],
  [
    "an unknown region of a pair",
    "regions: [eu]\nregion-pairs:\n  - { from: eu, to: mars }",
    "3: to: there is no region mars; the regions are eu.",
  ],
  [
    "a direction twice",
    "node-pairs:\n  - { from: node0, to: node1 }\n  - { from: node0, to: node1 }",
    "3: node-pairs: node0 to node1 is there twice; remove one.",
  ],
  [
    "a node and itself",
    "node-pairs: [{ from: node0, to: node0 }]",
    "1: node-pairs: node0 has no link to itself; name two nodes.",
  ],
  [
    "a topology that is none",
    "topology: mesh",
    "1: topology: must be: full, star, ring, tree, random: { degree: 2 or more, seed: any }, or edges: [[node0, node1], …].",
  ],
  [
    "an unknown node",
    "node-pairs:\n  - { from: node0, to: node9, delay: 1ms }",
    "2: to: this network has no node node9, only node0, node1, node2, node3. Did you mean node0?",
  ],
  [
    "an unknown group",
    "group-pairs: [{ from: validator, to: relay }]",
    "1: to: this network has no group relay, only validator.",
  ],
  [
    "an unknown node of an edge",
    "topology:\n  edges:\n    - [node0, node1]\n    - [node0, seed]",
    "4: edges: this network has no node seed, only node0, node1, node2, node3.",
  ],
  [
    "too short a list",
    "regions: [eu, us]\nassign: [eu, us]",
    "2: assign: names 2 regions for 4 nodes; name one for each node.",
  ],
  [
    "no YAML",
    "default: [",
    "1: Flow sequence in block collection must be sufficiently indented and end with a ]. Fix the YAML.",
  ],
])("%s is refused", (_, text, message) => {
  expect(problemsOf(text)).toEqual([`links.yaml:${message}`]);
});

test("the example of docs/links.md is right", () => {
  const [example] = codeBlocks("docs/links.md").filter(({ text }) => text.includes("links.schema.json"));
  const link = linksOf(example?.text ?? "");
  expect([link("node0", "node1").delayMs, link("node1", "node0").delayMs]).toEqual([40, 45]);
  expect(link("node3", "node0")).toMatchObject({ delayMs: 45, rateBps: 20_000_000 });
});

test("all that is wrong is told at once, each with its line", () => {
  const text =
    "regions: [eu]\ndefault: { delay: 5, loss: 101% }\nregion-pairs:\n  - { from: eu, to: us, rate: fast }\nmore: 1";
  const lines = problemsOf(text).map((message) => message.split(" ")[0]);
  expect(lines.sort()).toEqual([
    "links.yaml:2:",
    "links.yaml:2:",
    "links.yaml:4:",
    "links.yaml:4:",
    "links.yaml:5:",
  ]);
});
