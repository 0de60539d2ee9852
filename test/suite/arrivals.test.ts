import { expect, test } from "vitest";
import {
  accuracyClaims,
  type Judged,
  stopClaim,
  stopTheoryMs,
} from "../../benchmarks/suite/generator/accuracy-claims.ts";
import {
  measurePacing,
  quantile,
  recordedLatencyMs,
  theoreticalLatencyMs,
} from "../../benchmarks/suite/generator/arrivals.ts";
import { formatSpread, median } from "../../benchmarks/suite/generator/options.ts";

const even = (count: number, rateTps: number) =>
  Float64Array.from({ length: count }, (_, index) => 5_000 + (index * 1000) / rateTps);

test("arrivals on the line have no distance, and the rate they have", () => {
  const pacing = measurePacing(even(1001, 1000), 1000);
  expect(pacing.count).toBe(1001);
  expect(pacing.p99Us).toBeCloseTo(0, 6);
  expect(pacing.rateTps).toBeCloseTo(1000, 6);
});

test("late arrivals are as far from the line as they are late, whichever comes first", () => {
  const arrivedMs = even(1000, 1000);
  // The first is late too: the line goes through the earliest, not through the first.
  for (let index = 0; index < 1000; index += 50) arrivedMs[index] = (arrivedMs[index] ?? 0) + 0.4;
  const pacing = measurePacing(arrivedMs, 1000);
  expect(pacing.p50Us).toBeCloseTo(0, 6);
  expect(pacing.p99Us).toBeCloseTo(400, 6);
});

test("bursts and a rate that is not kept show as distance", () => {
  const bursts = Float64Array.from({ length: 1000 }, (_, index) => Math.floor(index / 100) * 100);
  expect(measurePacing(bursts, 1000).p50Us).toBeGreaterThan(40_000);
  const slow = even(1000, 990);
  expect(measurePacing(slow, 1000).p99Us).toBeCloseTo(990 * (1000 / 990 - 1) * 1000, -3);
});

test("a record's latencies are those from the line to the reply", () => {
  const arrivedMs = even(1000, 1000);
  arrivedMs[500] = (arrivedMs[500] ?? 0) + 0.9;
  const repliedMs = arrivedMs.map((each) => each + 5);
  const { p50, p999 } = recordedLatencyMs({ arrivedMs, repliedMs }, 1000);
  expect(p50).toBeCloseTo(5, 6);
  expect(p999).toBeCloseTo(5, 6);
  expect(recordedLatencyMs({ arrivedMs, repliedMs: repliedMs.with(500, 5_510) }, 1000).p999).toBeCloseTo(
    5,
    6,
  );
});

test("the theory of known delays", () => {
  const load = { rateTps: 1000, seconds: 8 };
  expect(theoreticalLatencyMs({ delayMs: 5 }, load)).toEqual({ p50: 5, p99: 5, p999: 5 });
  expect(theoreticalLatencyMs({ delayMs: 1, slow: { ratio: 0.05, delayMs: 30 } }, load)).toEqual({
    p50: 1,
    p99: 30,
    p999: 30,
  });
  const stalls = theoreticalLatencyMs({ delayMs: 0, stall: { everySecs: 4, forSecs: 1 } }, load);
  // One stop of a second in eight: the formula and the count agree.
  expect(stalls.p99).toBeCloseTo(stopTheoryMs(0.99, { stopSecs: 1, windowSecs: 8 }), -1);
  expect(stalls.p50).toBe(0);
});

test("a p99 within a hundredth of the theory of a stop holds, one further off does not", () => {
  const lengths = { stopSecs: 1, windowSecs: 8 };
  expect(stopClaim([921, 918, 900], lengths)).toMatchObject({ asked: "within 1 % of 920.0 ms", holds: true });
  expect(stopClaim([651], lengths).holds).toBe(false);
  expect(stopClaim([], lengths).holds).toBeUndefined();
});

test("quantiles are of the nearest rank, and medians of an even number lie between", () => {
  const values = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  expect([quantile(values, 0), quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([
    1, 50, 99, 100,
  ]);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
  expect(formatSpread([3000, 1000, 2000])).toBe("2,000 (1,000–3,000)");
  expect(formatSpread([])).toBe("failed");
});

test("reported latencies are held to the known ones, unless a loop in C that does nothing else is as far off", () => {
  const known = { p50: 5, p99: 100, p999: 200 };
  const run = (reported: typeof known): Judged => ({
    generator: "any",
    case: "fixed",
    reported,
    known,
    by: "the sink's record",
  });
  const judge = (own: Judged[], floor: Judged[]) =>
    accuracyClaims({ name: "fixed", delays: { delayMs: 5 } }, { own, floor }, { p999Ms: 1 }).map(
      ({ holds }) => holds,
    );
  const near = run({ p50: 5.29, p99: 101.9, p999: 204.9 });
  const far = run({ p50: 5.31, p99: 102.1, p999: 205.1 });
  expect(judge([near], [near])).toEqual([true, true, true]);
  expect(judge([near], [far])).toEqual([true, true, true]);
  expect(judge([far], [near])).toEqual([false, false, false]);
  expect(judge([far], [])).toEqual([false, false, false]);
  expect(judge([far], [far])).toEqual([undefined, undefined, undefined]);
  expect(judge([], [near])).toEqual([undefined, undefined, undefined]);
  expect(judge([near, near, far], [near])).toEqual([true, true, true]);
});
