import fc from "fast-check";
import { expect, test } from "vitest";
import type { NativeResult } from "../../../src/contracts/results/native/native.ts";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import {
  buildNativeRunJson,
  parseMeasuredRun,
  parseNativeRunJson,
  publishedRun,
} from "../../../src/results/schema/published-run.ts";
import { arbitraryRoutines } from "../arbitrary-routines.ts";
import { flowsRun } from "../sample-flows.ts";
import { linkedNativeRun, nativeRun, unknownRun } from "../sample-native.ts";
import { doubledRun, routinesRun } from "../sample-routines.ts";
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

const runs = {
  ...{ valid: nativeRun, unknown: unknownRun, strict, links: linkedNativeRun },
  ...{ routines: routinesRun, doubled: doubledRun, flows: flowsRun },
};

test.each(Object.entries(runs))("a run that is read makes the same file again: %s", (_, run) => {
  const document = documentOf(run);
  expect(formatJson(buildNativeRunJson(parseNativeRunJson(document)))).toBe(formatJson(document));
  expect(parseMeasuredRun(document)).toEqual(publishedRun(run));
});

test("routines fit the schema, and make the same file again, whatever was found of them", async () => {
  const validate = await openValidator("native-run");
  fc.assert(
    fc.property(arbitraryRoutines, (routines) => {
      const document = documentOf({ ...routinesRun, figures: { ...routinesRun.figures, routines } });
      expect(validate(document)).toEqual([]);
      expect(documentOf(parseNativeRunJson(document))).toEqual(document);
    }),
    { numRuns: 100 },
  );
});

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
