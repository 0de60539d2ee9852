import { describe, expect, test } from "vitest";
import { figuresOfRoutines, routineFigures } from "../../../../src/results/analysis/routines/figures.ts";
import { recordOf, type SamplePoint, testOf } from "./sample-test.ts";

const use = { peers: ["a", "b", "c"], lengthSecs: 4, stepMs: 2_000, isOneMachine: true };

/** The second one comes when the page has listened a while longer. */
const points = (perWindow: number, extra: Readonly<Record<string, number>> = {}): SamplePoint[] => [
  { elapsedMs: 2_000, packets: { sent: [perWindow, perWindow] }, extra: { tickRatePerSec: 60, ...extra } },
  {
    elapsedMs: 5_500,
    packets: { sent: [perWindow, 2 * perWindow] },
    extra: { tickRatePerSec: 50, ...extra },
  },
];

const test3 = testOf({
  a: { points: points(20), record: recordOf({ sent: 10 }, [1_000, 2_000, 3_000]) },
  b: { points: points(40), record: recordOf({ sent: 5, repeated: 4 }, [4_000, 5_000]) },
  c: { points: points(60), record: recordOf({ sent: 0 }, [6_000]) },
});

describe("figures of routines", () => {
  const figures = routineFigures(test3, use);

  test("each message is due at all other peers, and counts once where it arrives", () => {
    expect(figures).toMatchObject({
      testId: "sample",
      points: 6,
      sent: 15,
      deliveries: { expected: 30, delivered: 6, missing: 24 },
      repeated: 4,
      kinds: [{ kind: "position", sent: 15, expected: 30, delivered: 6, missing: 24, repeated: 4 }],
    });
  });

  test("latency is exact over all peers", () => {
    expect(figures.latency).toMatchObject({ count: 6, meanMs: 3.5, minMs: 1, maxMs: 6, p50: { ms: 3.001 } });
  });

  test("on several machines there is none", () => {
    expect(routineFigures(test3, { ...use, isOneMachine: false }).latency).toBeUndefined();
  });

  test("packets are those that the library counted, with an interval over the peers", () => {
    const [sent, received] = figures.families;
    expect(sent).toMatchObject({ family: "sent", packets: 240, bytes: 24_000, packetsPerSec: 20 });
    // t of two degrees of freedom is 4.303; the deviation of 10, 20 and 30 is 10.
    expect(sent?.low).toBeCloseTo(20 - (4.3027 * 10) / Math.sqrt(3), 2);
    expect(sent?.high).toBeCloseTo(20 + (4.3027 * 10) / Math.sqrt(3), 2);
    expect(received).toMatchObject({ packets: 0, packetsPerSec: 0 });
  });

  test("a step's rates are of the time in which the routine ran", () => {
    expect(
      figures.steps.map(({ fromSecs, toSecs, peers, sentPerSec }) => [fromSecs, toSecs, peers, sentPerSec]),
    ).toEqual([
      [0, 2, 3, 60],
      [2, 4, 3, 60],
    ]);
    expect(figures.steps[1]).toMatchObject({ tickRateLeastPerSec: 50, tickRateMeanPerSec: 50 });
  });

  test("how busy a page was is over the whole test", () => {
    expect(figures.peers[0]?.busyness).toMatchObject({ tickRatePerSec: 55, longTasks: 0 });
  });

  test("the run's throughput is what arrived at one other peer", () => {
    expect(figuresOfRoutines(figures, 4)).toMatchObject({
      committed: 3,
      throughputTps: 0.75,
      submitted: 15,
      submittedTps: 3.75,
    });
  });
});

describe("what is missing is told", () => {
  const figures = routineFigures(
    testOf({ a: { points: points(1) }, b: { points: [], record: recordOf({ sent: 1 }, []) } }),
    use,
  );

  test.each([
    ["a", "it did not report its messages"],
    ["b", "it sent no data point"],
    ["c", "it sent no data point"],
  ])("of %s: %s", (name, gap) => {
    expect(figures.peers.find((peer) => peer.name === name)?.gap).toBe(gap);
  });

  test("what a peer reports that is no such record is none", () => {
    const strange = {
      ...testOf({ a: { points: points(1) } }),
      results: { a: { sent: "many", timestamp: 1 } },
    };
    expect(routineFigures(strange, { ...use, peers: ["a"] }).peers[0]?.gap).toBe(
      "it did not report its messages",
    );
  });
});

test.each([
  ["buckets of other values than the smallest and largest", { minUs: 5 }],
  ["another number of messages than its buckets hold", { count: 9 }],
])("a report with %s is none", (_, wrong) => {
  const record = recordOf({ sent: 1 }, [1_000, 2_000]);
  const latency = record.latency && { ...record.latency, ...wrong };
  const strange = testOf({ a: { points: points(1), record: { ...record, latency } } });
  expect(routineFigures(strange, { ...use, peers: ["a"] }).peers[0]?.gap).toBe(
    "it did not report its messages",
  );
});

test("a peer alone has nobody to deliver to", () => {
  const one = routineFigures(testOf({ a: { points: points(20), record: recordOf({ sent: 8 }, []) } }), {
    ...use,
    peers: ["a"],
  });
  expect(one).toMatchObject({ deliveries: { expected: 0, delivered: 0, missing: 0 } });
  expect(figuresOfRoutines(one, 4)).toMatchObject({ committed: 8, throughputTps: 2 });
});
