import { describe, expect, test } from "vitest";
import { namedTimelines } from "../../../src/links/maps.ts";
import { parseTimeline } from "../../../src/links/timeline/parse.ts";
import { nodesOf } from "../linked.ts";
import { compiled } from "./compiled.ts";

test("the presets", () => {
  expect(namedTimelines.list()).toEqual([
    "high-delay",
    "jamming",
    "low-bandwidth",
    "mobility",
    "node-failure",
  ]);
});

describe.each(namedTimelines.list())("%s", (name) => {
  const text = namedTimelines.read(name) ?? "";

  test("says what it is, where it comes from, and how long a window it takes", () => {
    expect(parseTimeline(text, name)).toMatchObject({
      title: expect.any(String),
      source: expect.any(String),
      note: expect.stringMatching(/^For a window of at least 60 s\./),
      diagnostics: [],
    });
  });

  test.each([4, 10, 25])("goes for %i nodes, whatever links they have", (count) => {
    for (const links of ["{}", "default: { delay: 20ms, rate: 10mbit, loss: 1% }"]) {
      const { steps, problems } = compiled(text, { nodes: nodesOf(count), links, windowMs: 60_000 });
      expect(problems).toEqual([]);
      expect(steps.length).toBeGreaterThan(2);
    }
  });

  test("ends as it began", () => {
    const { steps } = compiled(text);
    const last = new Map(
      steps.flatMap((step) =>
        step.kind === "links"
          ? step.changes.map(({ from, to, shape }) => [`${from} ${to}`, shape] as const)
          : [],
      ),
    );
    for (const shape of last.values()) expect(shape).toMatchObject({ delayMs: 0, down: false });
    for (const shape of last.values()) expect(shape).not.toHaveProperty("loss");
  });
});
