import { describe, expect, test } from "vitest";
import type { LoadComparison } from "../../../../src/contracts/results/comparison.ts";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { compareSweeps } from "../../../../src/results/analysis/comparison/compare.ts";
import { measurementNames } from "../../../../src/results/analysis/comparison/parameter-differences.ts";
import { repeated, runOf, sampleComparisons, sideOf } from "../../sample-comparisons.ts";
import { linkedRun } from "../../sample-links.ts";
import { invalidRun, noCommitRun } from "../../sample-results.ts";

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
    expect([load.outcome, load.verdict]).toEqual(["no-verdict", "no verdict (1 run a side; 5 are needed)"]);
  });

  test("takes the mean of repeats, and needs enough on either side", () => {
    const load = onlyLoad(
      compare(
        [runOf({ throughputTps: 90 }), runOf({ throughputTps: 100 })],
        [80, 80, 80, 100].map((throughputTps) => runOf({ throughputTps })),
      ),
    );
    expect([load.metrics.throughput.a?.value, load.metrics.throughput.b?.value]).toEqual([95, 85]);
    expect(load.metrics.throughput.confidence).toBeUndefined();
    expect(load.verdict).toBe("no verdict (2 runs of A, 4 runs of B; 5 a side are needed)");
  });

  test("tells a difference from chance with five a side, and leaves open what it cannot tell", () => {
    const load = onlyLoad(sampleComparisons.repeated);
    const { ratio, confidence, significance } = load.metrics.throughput;
    expect(ratio).toBeCloseTo(0.9, 12);
    expect(confidence?.low).toBeGreaterThan(0.87);
    expect(confidence?.high).toBeLessThan(0.93);
    // 2 of the C(10, 5) = 252 ways to share the runs out; of two tests the surer one counts twice.
    expect(significance?.p).toBeCloseTo(2 / 252, 12);
    expect(significance?.adjustedP).toBeCloseTo(4 / 252, 12);
    expect(significance?.delta).toBe(-1);
    expect(load.metrics.p99Latency.significance).toBeUndefined();
    expect(load.outcome).toBe("slower");
    expect(load.verdict).toMatch(
      /^B is slower: throughput is 0\.900 times A's \(95 % confidence 0\.\d{3} to 0\.\d{3}, p 0\.016\); average latency shows no difference \(B\/A 1\.000, /,
    );
    expect(sampleComparisons.repeated).toEqual(
      compareSweeps(sideOf("benchmarks/first", repeated()), sideOf("benchmarks/second", repeated(0.9))),
    );
  });

  test.each([
    [1.1, 1, "faster"],
    [1, 0.8, "faster"],
    [1.1, 0.8, "faster"],
    [0.9, 1, "slower"],
    [1, 1.3, "slower"],
    [0.9, 0.8, "mixed"],
    [1.1, 1.3, "mixed"],
    [1, 1, "no-difference"],
  ])("with %f times the throughput and %f times the latency is: %s", (throughput, latency, outcome) => {
    expect(onlyLoad(compare(repeated(), repeated(throughput, latency))).outcome).toBe(outcome);
  });

  test("claims no difference that is too small to matter, however sure it is", () => {
    const narrow = (tps: number) =>
      [0, 0.01, 0.02, 0.03, 0.04].map((more) => runOf({ throughputTps: tps + more }));
    const [a, b] = [sideOf("a", narrow(95)), sideOf("b", narrow(96))];
    const load = onlyLoad(compareSweeps(a, b));
    expect(load.metrics.throughput.significance?.adjustedP).toBeLessThan(0.05);
    expect(load.outcome).toBe("no-difference");
    expect(load.verdict).toContain("throughput differs by less than the 2 % that count (B/A 1.011");
    expect(onlyLoad(compareSweeps(a, b, { minEffectRatio: 0.01 })).outcome).toBe("faster");
    const noisy = { path: "calibration.json", noiseFloorRatio: () => 0.05 };
    const floored = onlyLoad(compareSweeps(a, b, { minEffectRatio: 0.01, calibration: noisy }));
    expect([floored.outcome, floored.metrics.throughput.significance?.smallestEffectRatio]).toEqual([
      "no-difference",
      0.05,
    ]);
  });

  test("tests all loads as one family, and says how many runs that takes", () => {
    const at = (loads: number, runs: number, factor: number) =>
      Array.from({ length: loads }, (_, load) =>
        Array.from({ length: runs }, (_, run) =>
          runOf({ loadTps: 100 + load, throughputTps: (90 + run) * factor, meanMs: 45 + run }),
        ),
      ).flat();
    const three = compare(at(3, 5, 1), at(3, 5, 1.2));
    expect(three.loads.map(({ outcome }) => outcome)).toEqual(["faster", "faster", "faster"]);
    expect(three.loads[0]?.metrics.throughput.significance?.adjustedP).toBeCloseTo((2 / 252) * 6, 12);
    const four = compare(at(4, 5, 1), at(4, 5, 1.2));
    expect(four.loads[0]?.verdict).toBe("no verdict (5 runs a side; 6 are needed)");
    const enough = compare(at(4, 6, 1), at(4, 6, 1.2));
    expect(enough.loads[0]?.outcome).toBe("faster");
    const one = compare(at(1, 4, 1), at(1, 4, 1.2));
    expect(one.loads[0]?.verdict).toBe("no verdict (4 runs a side; 5 are needed)");
  });

  test("goes by throughput alone where ends were not seen, and says so", () => {
    const lossy = repeated(1.1).map((run) => {
      const { commit } = run.latency;
      return { ...run, latency: { ...run.latency, commit: commit && { ...commit, censored: 3 } } };
    });
    const load = onlyLoad(compare(repeated(), lossy));
    expect(load.outcome).toBe("faster");
    expect(load.verdict).toContain("average latency cannot be compared (no end seen of 15 transactions)");
  });

  test("names the runs that were counted although something was wrong", () => {
    expect(onlyLoad(sampleComparisons.limited).verdict).toMatch(
      / Counted with the others: 1 generator-limited run of A, 5 disturbed runs of B\.$/,
    );
  });

  test("names the runs in which a person changed links", () => {
    const { linkCertificate } = linkedRun;
    if (linkCertificate === undefined) throw new TypeError("no certificate");
    const linked = (runs: readonly RunResult[], manualChanges: readonly number[]) =>
      runs.map((run, place) => ({
        ...run,
        linkCertificate: { ...linkCertificate, manualChanges: manualChanges[place] },
      }));
    const { verdict, b } = onlyLoad(compare(linked(repeated(), []), linked(repeated(1.1), [2])));
    expect(verdict).toMatch(/ Counted with the others: 1 manually changed run of B\.$/);
    expect(b.changedByHand).toBe(1);
  });

  test("counts no invalid run, and says how many", () => {
    const spoilt = { ...invalidRun, parameters: runOf().parameters, throughputTps: 1 };
    const load = onlyLoad(compare([runOf({ throughputTps: 90 }), spoilt], [spoilt]));
    expect(load.metrics.throughput).toEqual({ a: { value: 90, atLeast: false }, b: undefined });
    expect([load.a, load.b]).toMatchObject([
      { counted: 1, invalid: 1 },
      { counted: 0, invalid: 1 },
    ]);
    expect([load.outcome, load.verdict]).toEqual([
      "not-comparable",
      "not comparable because B has no run that counts",
    ]);
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

  test("shows acceptances and refusals by themselves where there are any, and names another way to count them", () => {
    const { responseAccepted, responseRefused, submitAccepted, submitRefused, ...whole } =
      noCommitRun.latency;
    const earlier = { ...noCommitRun, latency: whole };
    const alike = compare([noCommitRun], [noCommitRun]);
    expect(alike.differences).toEqual([]);
    expect(onlyLoad(alike).metrics).toMatchObject({
      acceptedP50Latency: { ratio: 1 },
      acceptedP99Latency: { ratio: 1 },
      refusedP50Latency: { ratio: 1 },
      refusedP99Latency: { a: { value: 0.603 }, difference: 0 },
    });
    expect(compare([earlier], [noCommitRun]).differences).toEqual([
      { name: "refusals", a: "not answered", b: "answered", of: "measurement" },
    ]);
    // So that it can be allowed.
    expect(measurementNames([noCommitRun])).toContain("refusals");
    expect(compare([earlier], [runOf()]).differences).toEqual([]);
    expect(onlyLoad(compare([runOf()], [runOf()])).metrics).not.toHaveProperty("refusedP99Latency");
  });

  test("divides nothing by what was not seen or is 0", () => {
    const { metrics } = onlyLoad(sampleComparisons["nothing-seen"]);
    expect(metrics.avgLatency).not.toHaveProperty("ratio");
    const still = onlyLoad(compare(repeated(0), repeated()));
    expect(still.metrics.throughput.difference).toBeCloseTo(96.4, 12);
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
      { name: "transaction_size", a: "512", b: "1024", of: "measurement" },
      { name: "min_round_delay_ms", a: "50", b: "10", of: "system" },
    ]);
  });

  test("two protocols are two systems: their names, options and programs may differ", () => {
    const own = { protocolOptions: { minRoundDelayMs: 50 } };
    const other = {
      protocol: "other",
      program: { path: "/bin/other" },
      // One is called what a measurement's own parameter is.
      protocolOptions: { timeoutMs: 5, clients: "many" },
    };
    const { a, b, differences } = compare([runOf({ parameters: own })], [runOf({ parameters: other })]);
    expect([a.protocol, b.protocol]).toEqual(["mysticeti", "other"]);
    expect(differences).toEqual([
      { name: "protocol", a: "mysticeti", b: "other", of: "system" },
      { name: "min_round_delay_ms", a: "50", b: "-", of: "system" },
      { name: "node_binary", a: "-", b: "/bin/other", of: "system" },
      { name: "timeout_ms", a: "-", b: "5", of: "system" },
      { name: "protocol_options.clients", a: "-", b: "many", of: "system" },
    ]);
  });
});
