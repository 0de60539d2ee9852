import { describe, expect, test } from "vitest";
import { compareSweeps } from "../../src/benchmark/compare.ts";
import type { LoadComparison } from "../../src/contracts/comparison.ts";
import { runOf, sampleComparisons, sideOf } from "../bundle/sample-comparisons.ts";
import { invalidRun } from "../bundle/sample-results.ts";

const compare = (a: Parameters<typeof sideOf>[1], b: Parameters<typeof sideOf>[1]) =>
  compareSweeps(sideOf("a", a), sideOf("b", b));

function onlyLoad(comparison: { readonly loads: readonly LoadComparison[] }): LoadComparison {
  const [load, ...more] = comparison.loads;
  expect(more).toEqual([]);
  if (load === undefined) throw new Error("no load is compared");
  return load;
}

describe("a comparison", () => {
  test("divides B by A, and gives no verdict from one run a side", () => {
    const load = onlyLoad(
      compare([runOf({ throughputTps: 80, meanMs: 50 })], [runOf({ throughputTps: 100, meanMs: 75 })]),
    );
    expect(load.metrics.throughput).toEqual({
      a: { value: 80, atLeast: false },
      b: { value: 100, atLeast: false },
      ratio: 1.25,
      difference: 20,
    });
    expect(load.metrics.avgLatency.ratio).toBe(1.5);
    expect(load.metrics.efficiency.difference).toBeCloseTo(0.2, 12);
    expect(load.verdict).toBe("no verdict (1 run a side; four are needed)");
  });

  test("takes the mean of repeats, and needs four on either side", () => {
    const load = onlyLoad(
      compare(
        [runOf({ throughputTps: 90 }), runOf({ throughputTps: 100 })],
        [80, 80, 80, 100].map((throughputTps) => runOf({ throughputTps })),
      ),
    );
    expect([load.metrics.throughput.a?.value, load.metrics.throughput.b?.value]).toEqual([95, 85]);
    expect(load.metrics.throughput.confidence).toBeUndefined();
    expect(load.verdict).toBe("no verdict (2 runs of A, 4 runs of B; four a side are needed)");
  });

  test("tells a difference from chance with four a side, and leaves open what it cannot tell", () => {
    const load = onlyLoad(sampleComparisons.repeated);
    const { ratio, confidence } = load.metrics.throughput;
    expect(ratio).toBeCloseTo(0.9, 12);
    expect(confidence?.low).toBeGreaterThan(0.87);
    expect(confidence?.high).toBeLessThan(0.93);
    expect(load.verdict).toMatch(
      /^B's throughput is 0\.900 times A's \(95 % confidence 0\.\d{3} to 0\.\d{3}\); average latency is not told apart/,
    );
    expect(sampleComparisons.repeated).toEqual(
      compareSweeps(
        sideOf(
          "benchmarks/first",
          [95, 96, 97, 96].map((tps, i) => runOf({ throughputTps: tps, meanMs: 45 + i })),
        ),
        sideOf(
          "benchmarks/second",
          [95, 96, 97, 96].map((tps, i) => runOf({ throughputTps: tps * 0.9, meanMs: 45 + i })),
        ),
      ),
    );
  });

  test("counts no invalid run, and says how many", () => {
    const spoilt = { ...invalidRun, parameters: runOf().parameters, throughputTps: 1 };
    const load = onlyLoad(compare([runOf({ throughputTps: 90 }), spoilt], [spoilt]));
    expect(load.metrics.throughput).toEqual({ a: { value: 90, atLeast: false }, b: undefined });
    expect([load.a, load.b]).toMatchObject([
      { counted: 1, invalid: 1 },
      { counted: 0, invalid: 1 },
    ]);
    expect(load.verdict).toBe("no verdict (1 run of A, 0 runs of B; four a side are needed)");
  });

  test("divides neither lower bounds nor commits by replies", () => {
    const { p99Latency, p50Latency, avgLatency, latencyStdDev } = onlyLoad(
      sampleComparisons.censored,
    ).metrics;
    // Of those that were seen alone, so that losing more would look better.
    for (const metric of [avgLatency, latencyStdDev]) expect(metric).not.toHaveProperty("ratio");
    expect(p99Latency).toMatchObject({ b: { atLeast: true } });
    expect(p99Latency).not.toHaveProperty("ratio");
    expect(p50Latency.ratio).toBe(1);
    for (const metric of Object.values(onlyLoad(sampleComparisons.kinds).metrics)) {
      expect(metric).not.toHaveProperty("ratio");
    }
  });

  test("divides nothing by what was not seen or is 0", () => {
    const { metrics } = onlyLoad(sampleComparisons["nothing-seen"]);
    expect(metrics.avgLatency).not.toHaveProperty("ratio");
    const still = onlyLoad(compare([runOf({ throughputTps: 0 })], [runOf()]));
    expect(still.metrics.throughput).toMatchObject({ difference: 95 });
    expect(still.metrics.throughput).not.toHaveProperty("ratio");
  });

  test("lists loads that one side has alone, in order", () => {
    const loads = (...tps: number[]) => tps.map((loadTps) => runOf({ loadTps }));
    const found = compare(loads(500, 100, 20), loads(100, 50));
    expect(found.loads.map(({ loadTps }) => loadTps)).toEqual([100]);
    expect([found.onlyA, found.onlyB]).toEqual([[20, 500], [50]]);
  });

  test("names every parameter that differs, but the load, the seed, and what differs at other loads", () => {
    const terms = { transactionSizeBytes: 1024, seed: "other", protocolOptions: { minRoundDelayMs: 10 } };
    const { differences } = compare(
      [runOf({ parameters: { protocolOptions: { minRoundDelayMs: 50 } } }), runOf({ loadTps: 7 })],
      [runOf({ parameters: terms }), runOf({ loadTps: 8, parameters: { faults: 1 } })],
    );
    expect(differences).toEqual([
      { name: "transaction_size", a: "512", b: "1024" },
      { name: "min_round_delay_ms", a: "50", b: "10" },
    ]);
  });
});
