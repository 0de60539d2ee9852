import { expect, test } from "vitest";
import { formatOpenMetrics, readOpenMetrics, writtenMs } from "../../../src/metrics/nodes/openmetrics.ts";
import { parsePrometheus } from "../../../src/metrics/nodes/prometheus.ts";
import { MetricsRecord, type RecordedFamily } from "../../../src/metrics/nodes/record.ts";
import { nativeFigures } from "../../../src/results/analysis/verdict/native-figures.ts";
import { counters, recorded, steady } from "../../run/counting-nodes.ts";

const startMs = 1_705_314_600_000;
const wallMsAt = (atMs: number) => startMs + atMs - 10_000;
const kept = (families: readonly RecordedFamily[]) =>
  readOpenMetrics(formatOpenMetrics(families, { wallMsAt, restarted: new Set() }));
const window = { lengthSecs: 5, everySecs: 1, nodes: 2, tookMs: () => 2 };

test("what is read again gives the same figures", () => {
  const families = recorded({ node0: steady(90, 0.125), node1: steady(10, 0.375) });
  const before = nativeFigures(families, counters, { ...window, startMs: 10_000 });
  expect(before.committed).toBe(500);
  expect(nativeFigures(kept(families), counters, { ...window, startMs })).toEqual(before);
});

test("looks stand at their times, to the millisecond, and series of one node apart by their labels", () => {
  const record = new MetricsRecord(["*"]);
  for (const atMs of [10_000.25, 11_000.75]) {
    record.add(
      "node0",
      atMs,
      parsePrometheus('# TYPE a gauge\na{node="x",peer="1"} 1\na{node="x",peer="2"} 2\n'),
    );
  }
  const [family] = kept(record.families());
  expect(family).toMatchObject({ name: "a", type: "gauge" });
  expect(family?.groups.map(({ node, labels, atMs }) => [node, labels, atMs])).toEqual([
    [
      "node0",
      [
        ["exported_node", "x"],
        ["peer", "1"],
      ],
      [startMs, startMs + 1001],
    ],
    [
      "node0",
      [
        ["exported_node", "x"],
        ["peer", "2"],
      ],
      [startMs, startMs + 1001],
    ],
  ]);
  expect(writtenMs(startMs + 0.4)).toBe(startMs);
});

test("a counter that fell without its node's end, and so lost its type, is counted all the same", () => {
  const anew = steady(50, 0.125).map((look) =>
    look.atMs < 13_000 ? look : { ...look, done: look.done - 200 },
  );
  const families = kept(recorded({ node0: anew, node1: steady(50, 0.125) }));
  expect(families.find(({ name }) => name === "done_total")?.type).toBe("unknown");
  expect(nativeFigures(families, counters, { ...window, startMs }).nodes).toMatchObject([
    { name: "node0", resets: 1 },
    { name: "node1", resets: 0, committed: 250 },
  ]);
});

test("what was no whole histogram gives no latency, and is not said to be missing", () => {
  const text =
    '# TYPE took_seconds histogram\ntook_seconds_bucket{le="1"} 1\ntook_seconds_sum 1\ntook_seconds_count 1\n';
  const record = new MetricsRecord(["*"]);
  record.add("node0", 10_000, parsePrometheus(text));
  const { latency, latencyRefused } = nativeFigures(kept(record.families()), counters, {
    ...window,
    startMs,
  });
  expect([latency, latencyRefused]).toEqual([undefined, "the nodes' histogram is incomplete: took_seconds"]);
});
