import { expect, test } from "vitest";
import type { NativeResult } from "../../../src/contracts/results/native.ts";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import {
  buildNativeRunJson,
  parseMeasuredRun,
  parseNativeRunJson,
  publishedRun,
} from "../../../src/results/schema/published-run.ts";
import { linkedNativeRun, nativeRun, unknownRun } from "../sample-native.ts";
import { openValidator } from "../schemas.ts";

type Document = ReturnType<typeof buildNativeRunJson>;
const documentOf = (run: NativeResult): Document => JSON.parse(formatJson(buildNativeRunJson(run)));

const strict: NativeResult = {
  ...nativeRun,
  figures: { ...nativeRun.figures, notShown: ["sent_total"], spreadRatio: 0.012_34 },
  environment: {
    disturbed: true,
    reasons: ["coordinator: busy"],
    strict: true,
    limits: { backgroundPercent: 10, stealPercent: 5, memoryPressurePercent: 10, disturbedPercent: 10 },
    hosts: [{ host: "coordinator", disturbedSecs: 3 }],
  },
};

test.each(Object.entries({ valid: nativeRun, unknown: unknownRun, strict, links: linkedNativeRun }))(
  "a run that is read makes the same file again: %s",
  (_, run) => {
    const document = documentOf(run);
    expect(formatJson(buildNativeRunJson(parseNativeRunJson(document)))).toBe(formatJson(document));
    expect(parseMeasuredRun(document)).toEqual(publishedRun(run));
  },
);

test("what is told of machines and of counters that were not shown fits the schema", async () => {
  expect((await openValidator("native-run"))(documentOf(strict))).toEqual([]);
});

test("numbers stand as they are published", () => {
  const figures = { ...nativeRun.figures, throughputTps: 99.800_44 };
  expect(publishedRun({ ...nativeRun, figures }).figures.throughputTps).toBe(99.8);
});

test.each<[string, (document: Document) => unknown, string]>([
  ["another form", (one) => ({ ...one, schema: "baleen.native-run/2" }), "schema"],
  ["a key that nobody writes", (one) => ({ ...one, ledger: {} }), "ledger"],
  [
    "a mean that is said twice, differently",
    (one) => {
      one.results.avg_latency_ms = 1;
      return one;
    },
    "results.avg_latency_ms",
  ],
  ["a count that is none", (one) => ({ ...one, benchmark_number: -1 }), "benchmark_number"],
  [
    "a quantile that is one number",
    (one) => {
      Object.assign(one.results.latency ?? {}, { p99: 87 });
      return one;
    },
    "results.latency.p99",
  ],
])("%s is refused by its place", (_, spoil, place) => {
  expect(() => parseNativeRunJson(spoil(documentOf(nativeRun)))).toThrow(new RegExp(`^${place} is not`));
});
