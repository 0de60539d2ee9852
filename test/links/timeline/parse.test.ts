import { expect, test } from "vitest";
import * as z from "zod";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import { timelineSchemas } from "../../../src/links/schema/timeline.ts";
import { parseTimeline } from "../../../src/links/timeline/parse.ts";
import { codeBlocks } from "../../docs/pages.ts";
import { compiled } from "./compiled.ts";

test("schema/timeline.schema.json is made of the schema that timelines are held to", async () => {
  // After a change of the schema: vitest run test/links/timeline/parse.test.ts --update
  const title = "Timeline for baleen";
  const text = formatJson({
    title,
    ...z.toJSONSchema(timelineSchemas().either, { io: "input", reused: "ref" }),
  });
  await expect(text).toMatchFileSnapshot("../../../schema/timeline.schema.json");
});

test("a list, or a table with the list and a title; each entry has its line", () => {
  const list = "- at: 0s\n  crash: node0\n- { at: 1s, heal: all }\n";
  expect(parseTimeline(list, "t.yaml")).toMatchObject({
    entries: [
      { at: "0s", crash: "node0" },
      { at: "1s", heal: "all" },
    ],
    places: ["t.yaml:1", "t.yaml:3"],
    diagnostics: [],
  });
  const table = `title: One\ntimeline:\n${list}`;
  expect(parseTimeline(table, "t.yaml")).toMatchObject({ title: "One", places: ["t.yaml:3", "t.yaml:5"] });
});

test.each<[string, string[]]>([
  ["[]", ["1: must have at least 1 item."]],
  ["timeline:", ["1: timeline: must be a list."]],
  ["5", ["1: must be a table of keys and values."]],
  ["- { crash: node0 }", ["1: at is missing."]],
  ["- { at: 5, crash: node0 }", ['1: at: "5" has no unit; give a time such as 10s, 500ms or 2m.']],
  ["- { at: 169h, crash: node0 }", ['1: at: "169h" is out of range; give 0s to 168h.']],
  ["- { at: 1s, for: 1ms, pause: node0 }", ['1: for: "1ms" is out of range; give 10ms to 168h.']],
  [
    "- { at: 1s }",
    [
      "1: names no action; add one of crash, restart, pause, resume, set, ramp, partition, isolate, flap, move, heal.",
    ],
  ],
  [
    "- { at: 1s, cresh: node0 }",
    [
      "1: cresh: no such key. Did you mean crash?",
      "1: names no action; add one of crash, restart, pause, resume, set, ramp, partition, isolate, flap, move, heal.",
    ],
  ],
  ["- { at: 1s, crash: node0, pause: node1 }", ["1: pause: crash: is given too; use an entry for each."]],
  [
    "- { at: 1s, for: 1s, restart: node0 }",
    [
      "1: for: does not go with restart, only with crash, pause, partition, isolate, set, ramp, flap, move; remove it.",
    ],
  ],
  [
    "- { at: 1s, flap: node0 }",
    ["1: flap: needs for; add for:.", "1: flap: needs up; add up:.", "1: flap: needs down; add down:."],
  ],
  ["- { at: 1s, ramp: { delay: 1ms } }", ["1: ramp: needs for; add for:."]],
  [
    "- { at: 1s, isolate: node0, links: { from: node1 } }",
    ["1: links: does not go with isolate, only with set, ramp; remove it."],
  ],
  ["- { at: 1s, isolate: node0, until: 5s }", ["1: until: nothing is repeated; add every: or use for:."]],
  [
    "- { at: 9s, for: 5s, every: 4s, until: 9s, isolate: node0 }",
    [
      "1: every: 4s is shorter than for: 5s; use a longer one.",
      "1: until: 9s is not after at: 9s; use a later time.",
    ],
  ],
  ["- { at: 1s, set: {} }", ["1: set: sets nothing; add a key such as delay:."]],
  [
    "- { at: 1s, set: { loss: 1% , loss-bursts: { p: 1%, r: 1% } } }",
    ["1: loss-bursts: loss: is given too; use one of them."],
  ],
  ["- { at: 1s, for: 1s, ramp: { down: true } }", ["1: down: no such key."]],
  [
    "- { at: 1s, set: { delay: 1ms }, links: {} }",
    ["1: links: names no link; add between:, from: or to:, or remove it for all links."],
  ],
  [
    "- { at: 1s, set: { delay: 1ms }, links: { between: [eu], from: us } }",
    [
      "1: between: from: or to: is given too; between: is both directions, from: and to: are one.",
      "1: between: a list of one has no links between; name two or more, or leave out the brackets.",
    ],
  ],
  ["- { at: 1s, heal: node0 }", ["1: heal: must be: all."]],
  ["- { at: 1s, crash: 5 }", ["1: crash: must be text or a table of keys and values or a list."]],
])("%s", (text, messages) => {
  const { diagnostics, entries } = parseTimeline(text, "t.yaml");
  expect(diagnostics.map(({ message }) => message)).toEqual(messages.map((message) => `t.yaml:${message}`));
  expect(entries).toBeUndefined();
});

test("the example of docs/links.md is right", () => {
  const examples = codeBlocks("docs/links.md").filter(
    ({ language, text }) => language === "yaml" && text.includes("timeline.schema.json"),
  );
  const text = examples[0]?.text ?? "";
  expect(compiled(text).problems).toEqual([]);
  expect(compiled(text).steps.length).toBeGreaterThan(50);
});
