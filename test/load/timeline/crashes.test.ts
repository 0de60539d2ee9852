import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NodeAction } from "../../../src/contracts/links/timeline.ts";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { buildCrashTimeline, type CrashOptions, cutSegments } from "../../../src/load/timeline/crashes.ts";

const step = (atMs: number, action: NodeAction, nodes: readonly number[]) => ({
  kind: "nodes" as const,
  atMs,
  action,
  nodes,
  waits: true as const,
});

describe("the timeline of crashes", () => {
  test("without recovery the last nodes crash when the window opens, and stay down", () => {
    expect(buildCrashTimeline({ nodes: 7, faults: 2, windowMs: 60_000 })).toEqual([step(0, "crash", [5, 6])]);
  });

  test("with recovery they come back and those before them follow, round the committee", () => {
    const timeline = buildCrashTimeline({ nodes: 5, faults: 2, windowMs: 21_000, recoverAfterMs: 5_000 });
    expect(timeline).toEqual([
      step(0, "crash", [3, 4]),
      step(5_000, "restart", [3, 4]),
      step(5_000, "crash", [1, 2]),
      step(10_000, "restart", [1, 2]),
      step(10_000, "crash", [0, 4]),
      step(15_000, "restart", [0, 4]),
      step(15_000, "crash", [2, 3]),
      step(20_000, "restart", [2, 3]),
    ]);
  });

  test("a node whose recovery would come with the end of the window does not crash", () => {
    const timeline = buildCrashTimeline({ nodes: 4, faults: 1, windowMs: 10_000, recoverAfterMs: 5_000 });
    expect(timeline).toEqual([step(0, "crash", [3]), step(5_000, "restart", [3])]);
  });

  test.each<[string, CrashOptions]>([
    ["more faults than nodes", { nodes: 4, faults: 5, windowMs: 1_000 }],
    ["no fault at all", { nodes: 4, faults: 0, windowMs: 1_000 }],
    ["half a node", { nodes: 4, faults: 0.5, windowMs: 1_000 }],
    ["an interval as long as the window", { nodes: 4, faults: 1, windowMs: 5_000, recoverAfterMs: 5_000 }],
    ["no interval at all", { nodes: 4, faults: 1, windowMs: 5_000, recoverAfterMs: 0 }],
  ])("%s is refused", (_, options) => {
    expect(() => buildCrashTimeline(options)).toThrow(InvalidArgumentError);
  });
});

/** Terms that have a timeline with recovery. */
const recovering = fc
  .record({
    nodes: fc.integer({ min: 1, max: 128 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    recoverAfterMs: fc.integer({ min: 1, max: 100_000 }),
    intervals: fc.double({ min: 1.001, max: 100, noNaN: true }),
  })
  .map(({ nodes, share, recoverAfterMs, intervals }) => ({
    nodes,
    faults: 1 + Math.floor(share * (nodes - 1)),
    recoverAfterMs,
    windowMs: recoverAfterMs * intervals,
  }));

describe("any timeline with recovery", () => {
  test("never has more nodes down than faults, and ends with the whole committee", () => {
    fc.assert(
      fc.property(recovering, (options) => {
        const down = new Set<number>();
        for (const { action, nodes } of buildCrashTimeline(options)) {
          expect(new Set(nodes).size).toBe(options.faults);
          for (const node of nodes) {
            expect(node >= 0 && node < options.nodes).toBe(true);
            expect(down.has(node)).toBe(action === "restart");
            if (action === "crash") down.add(node);
            else down.delete(node);
          }
          expect(down.size).toBeLessThanOrEqual(options.faults);
        }
        expect(down.size).toBe(0);
      }),
    );
  });

  test("has every crash, and its recovery an interval later, within the window and in order", () => {
    fc.assert(
      fc.property(recovering, (options) => {
        const timeline = buildCrashTimeline(options);
        const crashes = timeline.filter(({ action }) => action === "crash");
        const recoveries = timeline.filter(({ action }) => action === "restart");
        expect(crashes.map(({ atMs }) => atMs)).toEqual(
          crashes.map((_, turn) => turn * options.recoverAfterMs),
        );
        expect(recoveries).toEqual(
          crashes.map(({ nodes }, turn) => step((turn + 1) * options.recoverAfterMs, "restart", nodes)),
        );
        for (const { atMs } of timeline) expect(atMs).toBeLessThan(options.windowMs);
        const times = timeline.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        // One more would not have had its recovery within the window.
        expect((crashes.length + 1) * options.recoverAfterMs).toBeGreaterThanOrEqual(options.windowMs);
      }),
    );
  });

  test("is cut into stretches that name who is down", () => {
    fc.assert(
      fc.property(recovering, fc.nat({ max: 10_000 }), (options, warmUpMs) => {
        const timeline = buildCrashTimeline(options);
        const segments = cutSegments(timeline, warmUpMs);
        const starts = segments.map(({ fromMs }) => fromMs);
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
        expect(starts[0]).toBe(warmUpMs === 0 ? 0 : -warmUpMs);
        const inWindow = segments.filter(({ fromMs }) => fromMs >= 0);
        expect(inWindow).toHaveLength(timeline.length / 2 + 1);
        expect(inWindow.at(-1)?.down).toEqual([]);
        for (const { down } of inWindow.slice(0, -1)) expect(down).toHaveLength(options.faults);
      }),
    );
  });
});

describe("the stretches of a run", () => {
  const crash = buildCrashTimeline({ nodes: 4, faults: 1, windowMs: 9_000 });

  test("are the warm-up and the window where nodes stay down", () => {
    expect(cutSegments(crash, 2_000)).toEqual([
      { fromMs: -2_000, down: [] },
      { fromMs: 0, down: [3] },
    ]);
  });

  test("begin with the window where there is no warm-up", () => {
    expect(cutSegments(crash, 0)).toEqual([{ fromMs: 0, down: [3] }]);
  });

  test("begin anew with the window, and where a node is paused or resumed", () => {
    const nodes = [1];
    const steps = [
      { kind: "nodes", atMs: 3_000, action: "pause", nodes },
      { kind: "nodes", atMs: 5_000, action: "resume", nodes },
    ] as const;
    expect(cutSegments(steps, 2_000)).toEqual([
      { fromMs: -2_000, down: [] },
      { fromMs: 0, down: [] },
      { fromMs: 3_000, down: [1] },
      { fromMs: 5_000, down: [] },
    ]);
  });
});
