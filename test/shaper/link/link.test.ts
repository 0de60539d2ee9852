import { expect, test } from "vitest";
import { drops, Link } from "../../../src/shaper/link/link.ts";

const options = { seed: "link", mtuBytes: 1500 };
const open = (shape: Partial<ConstructorParameters<typeof Link>[0]>) =>
  new Link({ delayMs: 0, ...shape }, options);

test("a delay is added to the arrival", () => {
  expect(open({ delayMs: 25 }).decide(1000, 100)).toBe(1025);
});

test("a packet is never due before it arrived", () => {
  const link = open({ delayMs: 1, jitterMs: 50, distribution: "normal" });
  for (let at = 0; at < 1000; at++) expect(link.decide(at, 100)).toBeGreaterThanOrEqual(at);
});

test("jitter reorders unless the link keeps the order", () => {
  const jitter = { delayMs: 20, jitterMs: 5, distribution: "uniform" } as const;
  const dues = (keepsOrder: boolean) => {
    const link = open({ ...jitter, keepsOrder });
    return Array.from({ length: 100 }, (_, at) => link.decide(at, 100));
  };
  const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
  expect(dues(false)).not.toEqual(sorted(dues(false)));
  expect(dues(true)).toEqual(sorted(dues(true)));
});

test("a rate sends one packet after the other, by their bytes", () => {
  const link = open({ delayMs: 10, rateBps: 8_000_000 });
  expect(link.decide(0, 1000)).toBeCloseTo(11, 6);
  expect(link.decide(0, 64_000)).toBeCloseTo(75, 6);
  expect(link.decide(100, 1000)).toBeCloseTo(111, 6);
});

test.each([{ queueMs: 10 }, { queueBytes: 10_000 }])("a full queue drops: %o", (queue) => {
  const link = open({ rateBps: 8_000_000, ...queue });
  const found = Array.from({ length: 20 }, () => link.decide(0, 1000));
  expect(found.filter((due) => due === drops.overflowed)).toHaveLength(9);
  expect(found.slice(0, 11).every((due) => due > 0)).toBe(true);
  expect(link.decide(5, 1000)).toBeCloseTo(12, 6);
});

test("a packet of any size fits into an empty queue", () => {
  expect(open({ rateBps: 1_000_000, queueBytes: 1000 }).decide(0, 64_000)).toBeCloseTo(512, 6);
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
  link.set({ delayMs: 5 });
  expect(link.decide(0, 100)).toBe(5);
});
