/** A timeline that gets more entries while it is followed: from any moment on, its steps are those of the whole. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { planTimeline } from "../../../src/links/timeline/compile.ts";
import { matrixOf, nodesOf } from "../linked.ts";

const nodes = nodesOf(4);
const names = nodes.map(({ name }) => name);
const matrix = matrixOf(
  `positions: { node0: [0, 0], node1: [100, 0], node2: [50, 40] }
quality: [{ distance: 0m, delay: 1ms }, { distance: 100m, delay: 40ms, loss: 10% }, { distance: 300m, down: true }]
tick: 500ms`,
  nodes,
);
const settings = { nodes, matrix, windowMs: 30_000, name: "t" };

const node = fc.constantFrom(...names);
const placed = fc.constantFrom("node0", "node1", "node2");
const coordinate = fc.integer({ min: -200, max: 200 });
const seconds = (value: number) => `${value}ms`;
const time = fc.integer({ min: 0, max: 10_000 });
const entry = fc.oneof(
  fc.record({ at: time.map(seconds), isolate: node, for: fc.constant("3s") }),
  fc.record({ at: time.map(seconds), set: fc.constant({ delay: "7ms" }), links: fc.record({ from: node }) }),
  fc.record({ at: time.map(seconds), ramp: fc.constant({ loss: "50%" }), for: fc.constant("2s") }),
  fc.record({
    at: time.map(seconds),
    move: placed,
    to: fc.tuple(coordinate, coordinate),
    for: fc.constant("4s"),
  }),
  fc.record({ at: time.map(seconds), heal: fc.constant("all") }),
);

test("steps from a moment on are the last ones of all steps, with the same changes", () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), time, (entries, fromMs) => {
      const { problems, linkSteps } = planTimeline(entries, settings);
      expect(problems).toEqual([]);
      const all = [...linkSteps()];
      expect([...linkSteps(fromMs)]).toEqual(all.filter(({ atMs }) => atMs >= fromMs));
    }),
  );
});

test("what is added for later does not change what came before", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), entry, time, (entries, added, atMs) => {
      const later = { ...added, at: `${atMs + 10_001}ms` };
      const before = [...planTimeline(entries, settings).linkSteps()];
      const joined = planTimeline([...entries, later], { ...settings, manualFrom: entries.length });
      expect(joined.problems).toEqual([]);
      const until = atMs + 10_001;
      const whole = [...joined.linkSteps()];
      expect(whole.filter((step) => step.atMs < until)).toEqual(before.filter((step) => step.atMs < until));
      expect(whole.filter(({ isManual }) => isManual).every((step) => step.atMs >= until)).toBe(true);
      expect(whole.some(({ isManual }) => isManual)).toBe(true);
    }),
  );
});
