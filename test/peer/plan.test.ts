import fc from "fast-check";
import { expect, test } from "vitest";
import type { PeerPlan } from "../../src/peer/config.ts";
import { dials, gapsSecs, neighboursOf, planHash } from "../../src/peer/plan.ts";

const plan: PeerPlan = {
  seed: "s",
  peers: ["a", "b", "c", "d"],
  late: [],
  edges: null,
  messagesPerSec: 2,
  profile: "random",
  messageBytes: 100,
  probesPerSec: 10,
};

const firstGaps = (of: Partial<PeerPlan>, peer = "a", count = 2000) =>
  gapsSecs({ ...plan, ...of }, peer)
    .take(count)
    .toArray();

test("gaps are random in (0.01, 0.99] s at two messages a second, and scale with the rate", () => {
  const gaps = firstGaps({});
  expect(Math.min(...gaps)).toBeGreaterThan(0.01);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(0.99);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(gaps)).toBeCloseTo(0.5, 1);
  expect(mean(firstGaps({ messagesPerSec: 20 }))).toBeCloseTo(0.05, 2);
  expect(firstGaps({ profile: "fixed-rate" }, "a", 3)).toEqual([0.5, 0.5, 0.5]);
});

test("the same seed and peer write at the same times, others at others", () => {
  expect(firstGaps({}, "a", 20)).toEqual(firstGaps({}, "a", 20));
  expect(firstGaps({}, "b", 20)).not.toEqual(firstGaps({}, "a", 20));
  expect(firstGaps({ seed: "t" }, "a", 20)).not.toEqual(firstGaps({}, "a", 20));
});

test("a plan's hash is of all that is in it", () => {
  expect(planHash(plan)).toMatch(/^[0-9a-f]{64}$/);
  for (const other of [{ seed: "t" }, { messageBytes: 101 }, { edges: [] }, { peers: ["a"] }]) {
    expect(planHash({ ...plan, ...other })).not.toBe(planHash(plan));
  }
});

test("neighbours are all others, or those that an edge leads to", () => {
  expect([...neighboursOf(plan, "b")]).toEqual(["a", "c", "d"]);
  const edges: PeerPlan["edges"] = [
    ["b", "a"],
    ["c", "b"],
  ];
  expect([...neighboursOf({ ...plan, edges }, "b")]).toEqual(["a", "c"]);
  expect([...neighboursOf({ ...plan, edges }, "d")]).toEqual([]);
});

test("of any two peers exactly one opens the connection, also where the plan knows only one, or neither", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "x", "y", "z");
  fc.assert(
    fc.property(name, name, (one, other) => {
      fc.pre(one !== other);
      expect(dials(plan, one, other)).toBe(!dials(plan, other, one));
    }),
  );
});
