import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalBound } from "../../../src/metrics/nodes/line.ts";
import { formatOpenMetrics } from "../../../src/metrics/nodes/openmetrics.ts";
import { parsePrometheus } from "../../../src/metrics/nodes/prometheus.ts";
import { MetricsRecord } from "../../../src/metrics/nodes/record.ts";

const wallMsAt = (atMs: number) => 1_700_000_000_000 + atMs;
const noRestarts = { wallMsAt, restarted: new Set<string>() };

/** Texts that nodes showed, each a second after the one before. */
function recordOf(
  shown: Readonly<Record<string, readonly (string | undefined)[]>>,
  keep: readonly string[] = ["*"],
) {
  const record = new MetricsRecord(keep);
  for (const [node, texts] of Object.entries(shown)) {
    texts.forEach((text, second) => {
      if (text !== undefined) record.add(node, second * 1000, parsePrometheus(text));
    });
  }
  return record;
}

const written = (...args: Parameters<typeof recordOf>) =>
  formatOpenMetrics(recordOf(...args).families(), noRestarts);

describe("what nodes showed, in OpenMetrics", () => {
  test("stands by metric, node and time", () => {
    const at = (height: number, sent: number) => `# HELP height Latest "height".
# TYPE height gauge
height ${height}
# HELP sent_bytes_total Sent.
# TYPE sent_bytes_total counter
sent_bytes_total{peer="1"} ${sent}
`;
    expect(
      written({ node0: [at(1, 10), undefined, at(3, 30)], node1: [at(1, 0), at(2, 0.5)] }),
    ).toBe(`# TYPE height gauge
# HELP height Latest \\"height\\".
height{node="node0"} 1 1700000000.000
height{node="node0"} 3 1700000002.000
height{node="node1"} 1 1700000000.000
height{node="node1"} 2 1700000001.000
# TYPE sent_bytes counter
# HELP sent_bytes Sent.
sent_bytes_total{node="node0",peer="1"} 10 1700000000.000
sent_bytes_total{node="node0",peer="1"} 30 1700000002.000
sent_bytes_total{node="node1",peer="1"} 0 1700000000.000
sent_bytes_total{node="node1",peer="1"} 0.5 1700000001.000
# EOF
`);
  });

  test("has a histogram's samples moment by moment, and bounds as Prometheus writes them", () => {
    const at = (count: number) => `# TYPE took_seconds histogram
took_seconds_bucket{le="1",way="in"} ${count}
took_seconds_bucket{le="1e+06",way="in"} ${count}
took_seconds_bucket{le="+Inf",way="in"} ${count + 1}
took_seconds_sum{way="in"} 8
took_seconds_count{way="in"} ${count + 1}
`;
    expect(written({ node0: [at(1), at(2)] }).split("\n")).toEqual([
      "# TYPE took_seconds histogram",
      'took_seconds_bucket{node="node0",way="in",le="1.0"} 1 1700000000.000',
      'took_seconds_bucket{node="node0",way="in",le="1e+06"} 1 1700000000.000',
      'took_seconds_bucket{node="node0",way="in",le="+Inf"} 2 1700000000.000',
      'took_seconds_sum{node="node0",way="in"} 8 1700000000.000',
      'took_seconds_count{node="node0",way="in"} 2 1700000000.000',
      'took_seconds_bucket{node="node0",way="in",le="1.0"} 2 1700000001.000',
      'took_seconds_bucket{node="node0",way="in",le="1e+06"} 2 1700000001.000',
      'took_seconds_bucket{node="node0",way="in",le="+Inf"} 3 1700000001.000',
      'took_seconds_sum{node="node0",way="in"} 8 1700000001.000',
      'took_seconds_count{node="node0",way="in"} 3 1700000001.000',
      "# EOF",
      "",
    ]);
  });

  test("has one series of a bound that is written in two ways, also at one moment: the first counts", () => {
    const at = (bounds: readonly string[], count: number) => {
      const buckets = bounds.map((bound, place) => `a_bucket{le="${bound}"} ${count + place}\n`);
      return `# TYPE a histogram\n${buckets.join("")}a_bucket{le="+Inf"} 9\na_sum 1\na_count 9\n`;
    };
    const text = written({ node0: [at(["1"], 1), at(["1.0"], 2), at(["1", "1.0"], 3)] });
    expect(text.split("\n").filter((line) => /^#|le="1/.test(line))).toEqual([
      "# TYPE a histogram",
      'a_bucket{node="node0",le="1.0"} 1 1700000000.000',
      'a_bucket{node="node0",le="1.0"} 2 1700000001.000',
      'a_bucket{node="node0",le="1.0"} 3 1700000002.000',
      "# EOF",
    ]);
  });

  test("keeps what a node calls itself beside what it is called here", () => {
    expect(written({ node0: ['a{node="x"} 1\n'] })).toContain('a{node="node0",exported_node="x"} 1 ');
    expect(written({ node0: ['a{node="x",exported_node="y"} 1\n'] })).toContain(
      'a{node="node0",exported_node="y",exported_exported_node="x"} 1 ',
    );
  });

  test("keeps what is to be kept, and counts it", () => {
    const text = "# TYPE a_total counter\na_total 1\nab 2\nb 3\nc 4\n";
    const record = recordOf({ node0: [text] }, ["a*", "c"]);
    expect(record.families().map(({ name }) => name)).toEqual(["a_total", "ab", "c"]);
    expect(record.samples).toBe(3);
    expect(recordOf({ node0: [text] }, []).samples).toBe(0);
    const open = "# TYPE a counter\na_total 1\n# EOF\n";
    expect(recordOf({ node0: [open] }, ["a_total"]).samples).toBe(1);
  });

  describe("what breaks the rules of its type is unknown:", () => {
    const typeOf = (text: string) => [...text.matchAll(/^# TYPE (.*)$/gm)].map(([, type]) => type);

    test("a counter that is not called so", () => {
      expect(typeOf(written({ node0: ["# TYPE a counter\na 1\n"] }))).toEqual(["a unknown"]);
    });

    test("a counter whose shorter name is another's", () => {
      const text = "# TYPE a gauge\na 1\n# TYPE a_total counter\na_total 1\n";
      expect(typeOf(written({ node0: [text] }))).toEqual(["a gauge", "a_total unknown"]);
    });

    test("a counter that falls, unless its node began anew", () => {
      const fell = { node0: [5, 3].map((value) => `# TYPE a_total counter\na_total ${value}\n`) };
      expect(typeOf(written(fell))).toEqual(["a_total unknown"]);
      const { families } = { families: recordOf(fell).families() };
      const restarted = new Set(["node0"]);
      expect(typeOf(formatOpenMetrics(families, { wallMsAt, restarted }))).toEqual(["a counter"]);
    });

    test("what two nodes have as different things", () => {
      const shown = { node0: ["# TYPE a gauge\na 1\n"], node1: ["a 1\n"] };
      expect(typeOf(written(shown))).toEqual(["a unknown"]);
    });

    test("a histogram without its last bucket, each of its samples by itself", () => {
      const text = '# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 2\n';
      expect(written({ node0: [text] })).toBe(`# TYPE a_bucket unknown
a_bucket{node="node0",le="1.0"} 1 1700000000.000
# TYPE a_sum unknown
a_sum{node="node0"} 1 1700000000.000
# TYPE a_count unknown
a_count{node="node0"} 2 1700000000.000
# EOF
`);
    });
  });

  test("a name is one family's, whatever nodes call what they have: both are unknown then", () => {
    const gauge = "# TYPE a_bucket gauge\na_bucket 7\n";
    const histogram = (last: string) => `# TYPE a histogram\na_bucket{le="${last}"} 1\na_sum 1\na_count 1\n`;
    for (const last of ["1", "+Inf"]) {
      const text = written({ node0: [gauge], node1: [histogram(last)] });
      expect(text.match(/^# TYPE .*$/gm)).toEqual([
        "# TYPE a_bucket unknown",
        "# TYPE a_sum unknown",
        "# TYPE a_count unknown",
      ]);
      expect(text.match(/^a_bucket\{.*$/gm)).toHaveLength(2);
    }
    // Of one node that has one and then the other: a series stands there once.
    const changed = written({ node0: ['# TYPE a_bucket gauge\na_bucket{le="1.0"} 7\n', histogram("1")] });
    expect(changed.match(/^a_bucket\{.*$/gm)).toHaveLength(1);
  });

  test("can be read again: every sample that was kept, at its time", () => {
    const name = fc.constantFrom("a", "b_total", "c_total");
    const shown = fc.record({
      node: fc.constantFrom("node0", "node1"),
      values: fc.dictionary(name, fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })),
    });
    fc.assert(
      fc.property(fc.array(shown), (moments) => {
        const record = new MetricsRecord(["*"]);
        const wanted: string[] = [];
        moments.forEach(({ node, values }, atMs) => {
          const text = Object.entries(values).map(([metric, value]) => {
            wanted.push([metric, node, value, wallMsAt(atMs)].join());
            return `# TYPE ${metric} ${metric === "b_total" ? "counter" : "gauge"}\n${metric} ${value}\n`;
          });
          record.add(node, atMs, parsePrometheus(text.join("")));
        });
        const found = parsePrometheus(formatOpenMetrics(record.families(), noRestarts))
          .flatMap(({ samples }) => samples)
          .map((sample) =>
            [sample.series.name, sample.series.labels[0]?.[1], sample.value, sample.timestampMs].join(),
          );
        expect(found.sort()).toEqual(wanted.sort());
        expect(record.samples).toBe(wanted.length);
      }),
    );
  });
});

test.each([
  ["1", "1.0"],
  ["0", "0.0"],
  ["10", "10.0"],
  ["0.25", "0.25"],
  ["1e3", "1000.0"],
  ["1000000", "1e+06"],
  ["2500000", "2.5e+06"],
  ["0.0001", "0.0001"],
  ["0.00001", "1e-05"],
  ["1e-10", "1e-10"],
  ["-1", "-1.0"],
  ["+Inf", "+Inf"],
])("%s is %s where Prometheus writes it", (text, canonical) => {
  expect(canonicalBound(text)).toBe(canonical);
});
