/** Distances, qualities by distance, and ways of nodes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unshaped } from "../../../src/contracts/links/shape.ts";
import { distanceM } from "../../../src/links/ground/distance.ts";
import { type MotionStart, type Movement, motionOf } from "../../../src/links/ground/motion.ts";
import { shapeAt } from "../../../src/links/ground/quality.ts";
import { parseLinks } from "../../../src/links/parse.ts";

const ground = "positions: { node0: [0, 0], node1: [100, 0] }";

test("a distance is straight on a plane, and along the great circle on the earth", () => {
  expect(distanceM("plane", [0, 0], [3, 4])).toBe(5);
  expect(distanceM("plane", [0, 0, 0], [2, 3, 6])).toBe(7);
  // A quarter of the equator, and from there to the pole; one degree along 60° is half of one along the equator.
  expect(distanceM("earth", [0, 0], [90, 0]) / 1000).toBeCloseTo(10_007.56, 1);
  expect(distanceM("earth", [-120, 0], [13, 90]) / 1000).toBeCloseTo(10_007.56, 1);
  expect(distanceM("earth", [179.5, 60], [-179.5, 60]) / 1000).toBeCloseTo(111.195 / 2, 1);
});

describe("quality by distance", () => {
  const points = (text: string) =>
    parseLinks(`${ground}\nquality:\n${text}`, "l.yaml").spec?.ground?.layers[0]?.quality ?? [];
  const at = (text: string, metres: number) => shapeAt(points(text), unshaped, metres);
  const radio = `
- { distance: 50m, delay: 2ms }
- { distance: 100m, delay: 4ms, loss: 1%, rate: 20mbit }
- { distance: 200m, loss: 31%, rate: 2mbit }
- { distance: 250m, down: true }`;

  test("numbers between two points are in proportion; before the first and beyond the last they stay", () => {
    expect(at(radio, 0)).toEqual({ ...unshaped, delayMs: 2 });
    expect(at(radio, 50)).toEqual({ ...unshaped, delayMs: 2 });
    expect(at(radio, 75)).toMatchObject({ delayMs: 3, loss: { lossRatio: 0.005 } });
    expect(at(radio, 150)).toMatchObject({ delayMs: 4, loss: { lossRatio: 0.16 }, rateBps: 11_000_000 });
    expect(at(radio, 249.9)).toMatchObject({ delayMs: 4, loss: { lossRatio: 0.31 }, down: false });
    expect(at(radio, 250)).toMatchObject({ down: true });
    expect(at(radio, 1e6)).toMatchObject({ down: true });
  });

  test("a link that was down by its point is up again by the next", () => {
    const gap =
      "- { distance: 0m, delay: 1ms }\n- { distance: 10m, down: true }\n- { distance: 20m, delay: 3ms }";
    expect([5, 10, 19, 20].map((metres) => at(gap, metres).down)).toEqual([false, true, true, false]);
  });
});

test.each<[string, RegExp[]]>([
  [`${ground}`, [/l\.yaml:1: positions: nothing follows from them/]],
  ["quality: [{ distance: 0m }]", [/quality: no node has a position/]],
  [
    `${ground}\ntick: 5ms\nquality: [{ distance: 9m }, { distance: 9m }]`,
    [
      /2: tick: "5ms" is out of range; give 20ms to 60s/,
      /3: distance: it is not above that of the point before/,
    ],
  ],
  [
    "space: earth\npositions: { node0: [181, 0], node1: [0, 0, 3] }\nquality: [{ distance: 0km }]",
    [/node0: degrees are out of range/, /node1: on the earth a position has two numbers/],
  ],
  [
    `${ground}\nlayers: [{ name: a, nodes: [node0, node7], quality: [{ distance: 0m }] }, { name: a, quality: [{ distance: 5 }] }]`,
    [
      /node7 has no position/,
      /a is there twice/,
      /a layer has nodes: or edges:/,
      /distance: "5" has no unit/,
    ],
  ],
])("%s is refused with all that is wrong", (text, messages) => {
  const found = parseLinks(text, "l.yaml").diagnostics.map(({ message }) => message);
  expect(found).toHaveLength(messages.length);
  for (const message of messages) expect(found).toContainEqual(expect.stringMatching(message));
});

describe("ways", () => {
  const start: MotionStart = { space: "plane", from: [0, 0], startMs: 1000, forMs: 10_000, node: "node0" };

  test("a path is followed at one speed, from where the node is", () => {
    const way = motionOf(
      {
        kind: "path",
        points: [
          [30, 0],
          [30, 10],
        ],
      },
      start,
    );
    expect([0, 1000, 2000, 8500, 11_000, 99_000].map(way.at)).toEqual([
      [0, 0],
      [0, 0],
      [4, 0],
      [30, 0],
      [30, 10],
      [30, 10],
    ]);
    const fast = motionOf({ kind: "path", points: [[30, 40]], speedMps: 10 }, { ...start, forMs: undefined });
    expect([fast.endMs, fast.at(3500)]).toEqual([6000, [15, 20]]);
  });

  test("a circle keeps its distance, and is closed after its period", () => {
    const way = motionOf({ kind: "circle", center: [5, 0], periodMs: 10_000, clockwise: false }, start);
    expect(way.at(1000)).toEqual([0, 0]);
    expect(way.at(3500)).toEqual([5, -5]);
    expect(way.at(11_000).map(Math.abs)).toEqual([0, 0]);
  });

  test("who wanders stays within, is where it is at first, goes no faster, and is the same by its seed", () => {
    const corners = fc.tuple(fc.integer({ min: -1000, max: 0 }), fc.integer({ min: 1, max: 1000 }));
    fc.assert(
      fc.property(corners, fc.integer({ min: 1, max: 50 }), fc.string(), ([low, high], speedMps, seed) => {
        const within = [
          [low, low],
          [high, high],
        ] as const;
        const movement: Movement = { kind: "wander", within, speedMps, pauseMs: 500, seed };
        const way = motionOf(movement, start);
        expect(way.at(start.startMs)).toEqual([0, 0]);
        expect(way.endMs).toBe(11_000);
        let before = way.at(1000);
        for (let ms = 1000; ms <= 11_000; ms += 250) {
          const now = way.at(ms);
          for (const value of now) expect(value >= low && value <= high).toBe(true);
          expect(distanceM("plane", before, now)).toBeLessThanOrEqual(speedMps * 0.25 + 1e-5);
          before = now;
        }
        expect(motionOf(movement, start).at(7777)).toEqual(way.at(7777));
      }),
      { numRuns: 50 },
    );
    const two = ["node0", "node1"].map((node) =>
      motionOf(
        {
          kind: "wander",
          within: [
            [0, 0],
            [9, 9],
          ],
          speedMps: 5,
          pauseMs: 0,
          seed: "1",
        },
        { ...start, node },
      ),
    );
    expect(two[0]?.at(9000)).not.toEqual(two[1]?.at(9000));
  });
});
