import { expect, test } from "vitest";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import { buildComparisonJson } from "../../../src/results/bundle/comparison-files.ts";
import { sampleComparisons } from "../sample-comparisons.ts";
import { openValidator } from "../schemas.ts";

test.each(Object.entries(sampleComparisons))(
  "the published JSON of a comparison looks as recorded and fits its schema: %s",
  async (name, comparison) => {
    const document = buildComparisonJson(comparison);
    expect((await openValidator("comparison"))(document)).toEqual([]);
    await expect(formatJson(document)).toMatchFileSnapshot(`goldens/comparison-json.${name}.golden.json`);
  },
);

test("the schema refuses a value that is both measured and a bound, and a missing verdict", async () => {
  const validate = await openValidator("comparison");
  const document = JSON.parse(formatJson(buildComparisonJson(sampleComparisons.one)));
  expect(validate(document)).toEqual([]);
  const [load] = document.loads;
  expect(
    validate({
      ...document,
      loads: [{ ...load, metrics: { ...load.metrics, p99_ms: { a: 1, a_at_least: 1 } } }],
    }),
  ).not.toEqual([]);
  expect(validate({ ...document, loads: [{ ...load, verdict: undefined }] })).not.toEqual([]);
});
