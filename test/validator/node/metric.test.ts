import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatMetrics,
  gauge,
  growingBounds,
  MetricHistogram,
  watchProcess,
} from "../../../src/validator/node/metric.ts";
import { parsePrometheus, quantileOf } from "../prometheus.ts";

const bounds = growingBounds(0.01, 10, 1.1);

describe("a histogram", () => {
  test("of any observations is one that Prometheus takes, with their count and sum", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (values) => {
        const histogram = new MetricHistogram(bounds);
        for (const value of values) histogram.observe(value);
        const family = parsePrometheus(formatMetrics([histogram.metric("x_seconds", "X.")])).get("x_seconds");
        const of = (suffix: string) =>
          family?.samples.find(({ name }) => name === `x_seconds${suffix}`)?.value;
        expect(of("_count")).toBe(values.length);
        expect(of("_sum")).toBeCloseTo(
          values.reduce((sum, value) => sum + value, 0),
          6,
        );
        for (const { name, labels, value } of family?.samples ?? []) {
          if (name !== "x_seconds_bucket" || labels.le === "+Inf") continue;
          expect(value).toBe(values.filter((each) => each <= Number(labels.le)).length);
        }
      }),
    );
  });

  test("of commit times tells the median within 5 percent, bounds rounded", () => {
    expect(bounds.length).toBeLessThan(80);
    const median = fc.double({ min: 0.02, max: 5, noNaN: true });
    const spread = fc.double({ min: 1.01, max: 1.6, noNaN: true });
    fc.assert(
      fc.property(median, spread, (middle, ratio) => {
        const histogram = new MetricHistogram(bounds);
        // Evenly spread in the logarithm, around the median.
        for (let i = -500; i <= 500; i++) histogram.observe(middle * ratio ** (i / 500));
        const family = parsePrometheus(formatMetrics([histogram.metric("x", "X.")])).get("x");
        if (family === undefined) throw new Error("no family");
        expect(Math.abs(quantileOf(family, 0.5) / middle - 1)).toBeLessThan(0.055);
      }),
    );
  });
});

test("figures of a process are those of this one", () => {
  const readProcess = watchProcess();
  const read = () => parsePrometheus(formatMetrics(readProcess()));
  const valueIn = (families: ReturnType<typeof read>, name: string) =>
    families.get(name)?.samples[0]?.value ?? Number.NaN;
  const before = read();
  const busyUntil = performance.now() + 100;
  while (performance.now() < busyUntil);
  const after = read();
  const used = valueIn(after, "process_cpu_seconds_total") - valueIn(before, "process_cpu_seconds_total");
  expect(used).toBeGreaterThan(0.01);
  expect(valueIn(after, "process_resident_memory_bytes")).toBeGreaterThan(10e6);
  expect(valueIn(after, "nodejs_heap_size_used_bytes")).toBeGreaterThan(1e6);
  expect(valueIn(after, "nodejs_eventloop_lag_p99_seconds")).toBeGreaterThanOrEqual(0);
});

test.each([
  ["a sample without HELP and TYPE", "x 1\n"],
  ["a TYPE of another name", "# HELP x X.\n# TYPE y gauge\nx 1\n"],
  ["no line break at the end", "# HELP x X.\n# TYPE x gauge\nx 1"],
  ["a series told twice", "# HELP x X.\n# TYPE x gauge\nx 1\nx 1\n"],
  ["a family told twice", "# HELP x X.\n# TYPE x gauge\n# HELP x X.\n# TYPE x gauge\n"],
  ["a negative counter", "# HELP x X.\n# TYPE x counter\nx -1\n"],
  ["labels that do not end", '# HELP x X.\n# TYPE x gauge\nx{a="b} 1\n'],
  [
    "a histogram that shrinks",
    '# HELP x X.\n# TYPE x histogram\nx_bucket{le="1"} 2\nx_bucket{le="+Inf"} 1\nx_sum 1\nx_count 1\n',
  ],
])("the reader of the tests refuses %s", (_, text) => {
  expect(() => parsePrometheus(text)).toThrow();
  expect(() => parsePrometheus(formatMetrics([gauge("x", "X.", 1)]))).not.toThrow();
});
