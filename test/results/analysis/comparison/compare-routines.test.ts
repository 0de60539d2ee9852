import { describe, expect, test } from "vitest";
import type { NativeResult } from "../../../../src/contracts/results/native/native.ts";
import { compareSweeps } from "../../../../src/results/analysis/comparison/compare.ts";
import { compareRoutines, pairApart } from "../../../../src/results/analysis/comparison/compare-routines.ts";
import { nativeRun } from "../../sample-native.ts";
import { doubledRun, figuresIn, routinesRun, routinesRunOf } from "../../sample-routines.ts";

const compared = (a: readonly NativeResult[], b: readonly NativeResult[], minEffectRatio = 0.02) => {
  const [found, ...others] = compareRoutines(a, b, minEffectRatio);
  expect(others).toEqual([]);
  const figures = new Map(found?.figures.map((figure) => [figure.figure, figure]));
  const differences = [...figures.values()].flatMap(({ difference }) => difference ?? []);
  return { ...found, of: (name: Parameters<typeof figures.get>[0]) => figures.get(name), differences };
};

test("a library that sends each message twice is found out, by what of it is twice as much and what is not", () => {
  const { of, differences, a, b } = compared([routinesRun], [doubledRun]);
  expect([a, b]).toEqual([
    { loadTps: 40.6, runs: 1, peers: 4 },
    { loadTps: 40.6, runs: 1, peers: 4 },
  ]);
  expect(of("sent_packets_per_sec")?.ratio).toBe(2);
  expect(of("sent_packets_per_sec")?.confidence?.low).toBeGreaterThan(1.95);
  expect(of("sent_packets_per_sec")?.confidence?.high).toBeLessThan(2.05);
  expect(of("messages_per_sec")).toMatchObject({ ratio: 1 });
  expect(of("delivered_percent")).toMatchObject({ a: 100, b: 100, ratio: 1 });
  expect(differences.map((sentence) => sentence.replace(/\(.*/, "(…)"))).toEqual([
    "sent: 2.00 times as many packets per second (…)",
    "received: 2.00 times as many packets per second (…)",
    "all: 2.00 times as many packets per second (…)",
    "relevant: 2.00 times as many packets per second (…)",
    "repeated copies: none in A, 30.45 per second of a peer in B",
  ]);
  expect(differences[0]).toMatch(/\(95 % interval 1\.9\d to 2\.0\d\)$/);
});

test("the other way round it is half as much, and none", () => {
  const { differences } = compared([doubledRun], [routinesRun]);
  expect(differences[0]).toMatch(/^sent: 0\.50 times as many packets per second/);
  expect(differences).toContain("repeated copies: none in B, 30.45 per second of a peer in A");
});

test("the same twice differs in nothing", () => {
  expect(compared([routinesRun], [routinesRun]).differences).toEqual([]);
});

describe("there is no interval", () => {
  test("of fewer than four peers a side, and no claim", () => {
    const three = routinesRunOf({ peers: 3 });
    const { of, differences } = compared([three], [{ ...routinesRunOf({ peers: 3, copies: 2 }) }]);
    expect(of("sent_packets_per_sec")).toMatchObject({ ratio: 2, confidence: undefined });
    expect(differences).toEqual([]);
  });

  test("by what is 0 on one side; of too many peers with 0 it has no end", () => {
    const { of } = compared([routinesRun], [doubledRun]);
    expect(of("expired_packets_per_sec")).toEqual({ figure: "expired_packets_per_sec", a: 0, b: 0 });
    expect(of("repeated_per_sec")?.a).toBe(0);
    expect(of("repeated_per_sec")).not.toHaveProperty("ratio");
    const rarely = {
      ...figuresIn(routinesRun),
      peers: figuresIn(routinesRun).peers.map((peer, at) => ({ ...peer, repeated: at === 0 ? 1 : 0 })),
    };
    const run = { ...routinesRun, figures: { ...routinesRun.figures, routines: rarely } };
    const found = compared([run], [doubledRun]);
    expect(found.of("repeated_per_sec")).toMatchObject({ ratio: 1218, confidence: undefined });
  });
});

test("peers of several runs are values of one sample; invalid runs do not count", () => {
  const twoPeers = routinesRunOf({ peers: 2 });
  const invalid: NativeResult = { ...twoPeers, verdict: { status: "invalid", reasons: ["so"] } };
  const { a, of } = compared([twoPeers, twoPeers, invalid], [twoPeers, twoPeers]);
  expect(a).toMatchObject({ runs: 2, peers: 4 });
  expect(of("sent_packets_per_sec")?.confidence).toBeDefined();
  expect(compared([invalid], [twoPeers]).of("sent_packets_per_sec")).toMatchObject({ a: undefined });
});

test("peers are drawn within their routine, so that listeners do not widen the interval", () => {
  const routines = ["comms", "listen"];
  const mixed = (copies: number) => routinesRunOf({ peers: 8, routines, copies });
  const { of } = compared([mixed(1)], [mixed(2)]);
  const { low = 0, high = 0 } = of("sent_packets_per_sec")?.confidence ?? {};
  expect(low).toBeGreaterThan(1.9);
  expect(high).toBeLessThan(2.1);
});

test("a difference that is too small to count is not spoken of", () => {
  const more = routinesRunOf({ messages: 104 });
  expect(compared([routinesRun], [more], 0.05).differences).toEqual([]);
  const sentences = compared([routinesRun], [more], 0.02).differences;
  expect(sentences).toContainEqual(expect.stringMatching(/^messages sent: 1\.039 times as many per second/));
});

describe("sweeps without a common load", () => {
  const twice = routinesRunOf({ messages: 203 });

  test("are compared at the one load of each", () => {
    const { a, b, differences } = compared([routinesRun], [twice]);
    expect([a?.loadTps, b?.loadTps]).toEqual([40.6, 81.8]);
    expect(differences).toContainEqual(expect.stringMatching(/^messages sent: 2\.01 times as many/));
  });

  test("of which one has two loads are not, nor runs of anything else", () => {
    expect(pairApart([routinesRun], [twice, routinesRunOf({ messages: 300 })])).toEqual([]);
    expect(pairApart([routinesRun], [nativeRun])).toEqual([]);
    expect(compareRoutines([nativeRun], [nativeRun], 0)).toEqual([]);
  });

  test("tell the parameters in which these differ", () => {
    const side = (path: string, run: NativeResult) => ({ path, networkType: "local" as const, runs: [run] });
    const longer = { ...twice, parameters: { ...twice.parameters, nodes: 5 } };
    const { loads, differences, onlyA, onlyB } = compareSweeps(side("a", routinesRun), side("b", longer));
    expect([loads, onlyA, onlyB]).toEqual([[], [40.6], [81.8]]);
    expect(differences).toEqual([{ name: "nodes", a: "4", b: "5", of: "measurement" }]);
  });
});
