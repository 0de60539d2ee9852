import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countedHistogram, increases } from "../../../src/metrics/nodes/counted.ts";
import { parsePrometheus } from "../../../src/metrics/nodes/prometheus.ts";
import { MetricsRecord, type RecordedFamily } from "../../../src/metrics/nodes/record.ts";
import { countOf, quantileBounds } from "../../../src/metrics/stats/bucket-histogram.ts";

const edges = [0.1, 0.5, 1];

function show(values: readonly number[]): string {
  const upTo = (edge: number) => values.filter((value) => value <= edge).length;
  const buckets = edges.map((edge) => `took_bucket{le="${edge}"} ${upTo(edge)}\n`);
  const sum = values.reduce((total, value) => total + value, 0);
  return `# TYPE took histogram
${buckets.join("")}took_bucket{le="+Inf"} ${values.length}
took_sum ${sum}
took_count ${values.length}
# TYPE done_total counter
done_total ${values.length}
`;
}

/** What happens to a node from one look to the next: it counts values, or is started anew before it does. */
interface Step {
  readonly values: readonly number[];
  readonly isRestart: boolean;
}

/** A node is looked at before its first step, and after each; its looks are a second apart. */
function recordOf(nodes: Readonly<Record<string, readonly Step[]>>): (name: string) => RecordedFamily {
  const record = new MetricsRecord(["*"]);
  for (const [node, steps] of Object.entries(nodes)) {
    let held: number[] = [];
    record.add(node, 0, parsePrometheus(show(held)));
    steps.forEach(({ values, isRestart }, at) => {
      if (isRestart) held = [];
      held = [...held, ...values];
      record.add(node, (at + 1) * 1000, parsePrometheus(show(held)));
    });
  }
  return (name) => {
    const found = record.families().find((family) => family.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
}

const going = (values: readonly number[]): Step => ({ values, isRestart: false });
const time = { fromMs: 0, toMs: 60_000 };

/** A whole number of eighths: their sums are exact. */
const value = fc.integer({ min: 1, max: 16 }).map((eighths) => eighths / 8);

describe("what nodes counted in a time", () => {
  test("is what they counted from the first look in it to the last, whatever was before and behind", () => {
    const step = fc.array(value, { maxLength: 8 }).map(going);
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
        fc.nat(3),
        fc.nat(6),
        (all, from, length) => {
          const family = recordOf(Object.fromEntries(all.map((steps, index) => [`node${index}`, steps])));
          const span = { fromMs: from * 1000, toMs: (from + length) * 1000 };
          const seen = all.map((steps) => steps.slice(from, from + length).map(({ values }) => values));
          const pooled = seen.flat(2);
          const outcome = countedHistogram(family("took"), span);
          if (seen.every((steps) => steps.length === 0)) {
            expect(outcome).toEqual({ state: "refused", reason: "no node reported took twice in that time" });
            return;
          }
          if (outcome.state !== "counted") throw new Error(outcome.reason);
          expect(countOf(outcome.histogram)).toBe(pooled.length);
          expect(outcome.histogram.sum).toBe(pooled.reduce((sum, one) => sum + one, 0));
          const rising = pooled.sort((a, b) => a - b);
          for (const q of [0.5, 0.99]) {
            const bounds = quantileBounds(outcome.histogram, q);
            if (bounds === undefined) continue;
            const truth = rising[Math.max(1, Math.ceil(q * rising.length)) - 1];
            expect(truth).toBeGreaterThan(bounds.above);
            expect(truth).toBeLessThanOrEqual(bounds.upTo);
          }
          const risen = increases(family("done_total"), span).reduce((sum, { counted }) => sum + counted, 0);
          expect(risen).toBe(pooled.length);
        },
      ),
    );
  });

  test("of one that began anew is what was seen of it: never more than there was, and it is said", () => {
    const step = fc.record({ values: fc.array(value, { maxLength: 8 }), isRestart: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const family = recordOf({ node0: steps });
        const outcome = countedHistogram(family("took"), time);
        if (outcome.state !== "counted") throw new Error(outcome.reason);
        const all = steps.flatMap(({ values }) => values).length;
        expect(countOf(outcome.histogram)).toBeLessThanOrEqual(all);
        const [part] = outcome.parts;
        expect(part?.resets).toBeLessThanOrEqual(steps.filter(({ isRestart }) => isRestart).length);
        if (!steps.some(({ isRestart }) => isRestart)) expect(countOf(outcome.histogram)).toBe(all);
      }),
    );
    const restarted = recordOf({ node0: [going([1, 1, 1]), { values: [0.1, 0.1], isRestart: true }] });
    expect(countedHistogram(restarted("took"), time)).toMatchObject({
      state: "counted",
      histogram: { counts: [2, 2, 5, 5] },
      parts: [{ node: "node0", resets: 1, span: { fromMs: 0, toMs: 2000 } }],
    });
    expect(increases(restarted("done_total"), time)).toMatchObject([{ counted: 5, resets: 1 }]);
  });

  test("is refused where edges differ from one look to the next,", () => {
    const record = new MetricsRecord(["*"]);
    const text = (edge: number) =>
      `# TYPE a histogram\na_bucket{le="${edge}"} 0\na_bucket{le="+Inf"} 0\na_sum 0\na_count 0\n`;
    record.add("node0", 0, parsePrometheus(text(1)));
    record.add("node0", 1, parsePrometheus(text(2)));
    const [family] = record.families();
    expect(family && countedHistogram(family, time)).toMatchObject({
      state: "refused",
      reason: expect.stringMatching(/^node0: edges differ/),
    });
  });

  test("and between nodes as well", () => {
    const record = new MetricsRecord(["*"]);
    for (const [node, edge] of [
      ["node0", 1],
      ["node1", 2],
    ] as const) {
      for (const count of [0, 3]) {
        const text = `# TYPE a histogram\na_bucket{le="${edge}"} 0\na_bucket{le="+Inf"} ${count}\na_sum 0\na_count 0\n`;
        record.add(node, count, parsePrometheus(text));
      }
    }
    const [family] = record.families();
    expect(family && countedHistogram(family, time)).toEqual({
      state: "refused",
      reason: "edges differ: node0 has 2 (1, Infinity), node1 has 2 (2, Infinity)",
    });
  });

  test("is of each series by itself, by its node and labels", () => {
    const record = new MetricsRecord(["*"]);
    for (const [atMs, code] of [3, 5].entries()) {
      record.add(
        "node0",
        atMs,
        parsePrometheus(`# TYPE a_total counter\na_total{code="1"} ${code}\na_total{code="2"} 1\n`),
      );
    }
    const [family] = record.families();
    expect(family && increases(family, time).map(({ name, counted }) => [name, counted])).toEqual([
      ['node0{code="1"}', 2],
      ['node0{code="2"}', 0],
    ]);
  });
});
