import { expect, test } from "vitest";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import { buildResultsDocument } from "../../../src/results/report/documents/results-json.ts";
import { buildNativeRunJson, runFileName } from "../../../src/results/schema/published-run.ts";
import { buildNativeSummaryJson } from "../../../src/results/schema/summary.ts";
import { linkedNativeRun, nativeRun, nativeSummary, unknownRun } from "../sample-native.ts";
import { openValidator } from "../schemas.ts";

test.each(Object.entries({ valid: nativeRun, unknown: unknownRun, links: linkedNativeRun }))(
  "a run looks as recorded and fits its schema: %s",
  async (name, result) => {
    const document = buildNativeRunJson(result);
    expect((await openValidator("native-run"))(document)).toEqual([]);
    await expect(formatJson(document)).toMatchFileSnapshot(`goldens/native-run-json.${name}.golden.json`);
  },
);

test("a summary looks as recorded and fits its schema; each run in it names its file", async () => {
  const document = buildNativeSummaryJson(nativeSummary);
  expect((await openValidator("native-summary"))(document)).toEqual([]);
  await expect(formatJson(document)).toMatchFileSnapshot("goldens/native-summary-json.golden.json");
  expect(runFileName(nativeRun)).toBe("local_native_1_100txs.json");
});

test("the document of --json holds what the runs' files hold", () => {
  const document = buildResultsDocument(nativeSummary, { parameters: { nodes: 2 } });
  expect(document).toMatchObject({
    schema: "baleen.native-results/1",
    generator: "native",
    finished_runs: 2,
  });
  expect(document.runs).toEqual([buildNativeRunJson(nativeRun), buildNativeRunJson(unknownRun)]);
});

test("the schema takes neither a quantile that is one number, nor a ledger that nobody has", async () => {
  const validate = await openValidator("native-run");
  const document = () => JSON.parse(formatJson(buildNativeRunJson(nativeRun)));
  const exact = document();
  exact.results.latency.p99 = 87;
  expect(validate(exact)).not.toEqual([]);
  expect(validate({ ...document(), ledger: {} })).not.toEqual([]);
});
