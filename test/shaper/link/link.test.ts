import { expect, test } from "vitest";
import { type LinkShape, unshaped } from "../../../src/contracts/links/shape.ts";
import { drops, Link } from "../../../src/shaper/link/link.ts";

const options = { seed: "link", mtuBytes: 1500 };
const open = (shape: Partial<LinkShape>) => new Link({ ...unshaped, ...shape }, options);
const jitter = { deviationMs: 5, distribution: "normal" } as const;
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

test("a delay is added to the arrival", () => {
  expect(open({ delayMs: 25 }).decide(1000, 100)).toBe(1025);
});

test("a packet is never due before it arrived", () => {
  const link = open({ delayMs: 1, jitter: { ...jitter, deviationMs: 50 } });
  for (let at = 0; at < 1000; at++) expect(link.decide(at, 100)).toBeGreaterThanOrEqual(at);
});

test("jitter reorders packets; without it they keep their order, whatever the stamps", () => {
  const dues = (shape: Partial<LinkShape>) => {
    const link = open({ delayMs: 20, ...shape });
    return Array.from({ length: 100 }, (_, at) => link.decide(1000 + at - (at % 3) * 2, 100));
  };
  expect(dues({ jitter })).not.toEqual(sorted(dues({ jitter })));
  expect(dues({})).toEqual(sorted(dues({})));
});

test.each(["normal", "uniform", "pareto"] as const)(
  "a delay with %s jitter has that deviation",
  (distribution) => {
    const link = open({ delayMs: 100, jitter: { deviationMs: 5, distribution } });
    const delays = Array.from({ length: 50_000 }, () => link.decide(0, 100));
    const mean = delays.reduce((sum, value) => sum + value, 0) / delays.length;
    const variance = delays.reduce((sum, value) => sum + (value - mean) ** 2, 0) / delays.length;
    expect(mean).toBeCloseTo(100, 0);
    expect(Math.abs(Math.sqrt(variance) / 5 - 1)).toBeLessThan(0.06);
  },
);

test("some packets skip the delay", () => {
  const link = open({ delayMs: 50, reorderRatio: 0.2 });
  const dues = Array.from({ length: 10_000 }, () => link.decide(0, 100));
  expect(new Set(dues)).toEqual(new Set([0, 50]));
  expect(dues.filter((due) => due === 0).length / dues.length).toBeCloseTo(0.2, 1);
});

test("a rate sends one packet after the other, by their bytes", () => {
  const link = open({ delayMs: 10, rateBps: 8_000_000 });
  expect(link.decide(0, 1000)).toBeCloseTo(11, 6);
  expect(link.decide(0, 64_000)).toBeCloseTo(75, 6);
  expect(link.decide(100, 1000)).toBeCloseTo(111, 6);
});

test.each([
  { kind: "time", ms: 10 },
  { kind: "bytes", bytes: 10_000 },
] as const)("a full queue drops: %o", (queue) => {
  const link = open({ rateBps: 8_000_000, queue });
  const found = Array.from({ length: 20 }, () => link.decide(0, 1000));
  expect(found.filter((due) => due === drops.overflowed)).toHaveLength(9);
  expect(found.slice(0, 11).every((due) => due > 0)).toBe(true);
  expect(link.decide(5, 1000)).toBeCloseTo(12, 6);
});

test("a packet of any size fits into an empty queue", () => {
  expect(open({ rateBps: 1_000_000, queue: { kind: "bytes", bytes: 1000 } }).decide(0, 64_000)).toBeCloseTo(
    512,
    6,
  );
});

test("a packet is lost with any of its parts", () => {
  const share = (bytes: number) => {
    const link = open({ loss: { kind: "independent", lossRatio: 0.05 } });
    const found = Array.from({ length: 20_000 }, () => link.decide(0, bytes));
    return found.filter((due) => due === drops.lost).length / found.length;
  };
  expect(share(1500)).toBeCloseTo(0.05, 2);
  expect(share(15_000)).toBeCloseTo(1 - 0.95 ** 10, 1);
});

test("a link that is down drops everything until it is set again", () => {
  const link = open({ down: true });
  expect(link.decide(0, 100)).toBe(drops.cut);
  link.set({ ...unshaped, delayMs: 5 });
  expect(link.decide(0, 100)).toBe(5);
});

test.each([
  { name: "a fixed delay", shape: { delayMs: 10 }, soonestMs: 10 },
  { name: "jitter", shape: { delayMs: 20, jitter }, soonestMs: 5 },
  { name: "more jitter than delay", shape: { delayMs: 10, jitter }, soonestMs: 0 },
  { name: "packets that skip the delay", shape: { delayMs: 10, reorderRatio: 0.1 }, soonestMs: 0 },
  { name: "a link that is down", shape: { down: true }, soonestMs: Infinity },
])("$name: the soonest is known", ({ shape, soonestMs }) => {
  expect(open(shape).soonestMs).toBe(soonestMs);
});
