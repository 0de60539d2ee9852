import { expect, test } from "vitest";
import { testResultsForm } from "../../../src/contracts/peer-tests/results.ts";
import { calibrationForm } from "../../../src/contracts/results/calibration.ts";
import { comparisonForm } from "../../../src/contracts/results/comparison.ts";
import { historyCheckForm } from "../../../src/contracts/results/history.ts";
import { linkProbesForm } from "../../../src/contracts/results/links/link-certificate.ts";
import { variationForm } from "../../../src/contracts/results/variation.ts";
import { jsonSchemaOf } from "../../../src/core/documents/check-form.ts";
import { formatJson } from "../../../src/core/documents/numbers.ts";
import { diagnosesForm } from "../../../src/doctor/report.ts";
import { nativeRunForm } from "../../../src/results/schema/published-run.ts";
import { runForm } from "../../../src/results/schema/run.ts";
import { nativeSummaryForm, summaryForm } from "../../../src/results/schema/summary.ts";

// After a change of a form: vitest run test/results/schema/schemas.test.ts --update
test.each([
  ["run", runForm],
  ["native-run", nativeRunForm],
  ["run-links", linkProbesForm],
  ["summary", summaryForm],
  ["native-summary", nativeSummaryForm],
  ["comparison", comparisonForm],
  ["calibration", calibrationForm],
  ["variation", variationForm],
  ["history-check", historyCheckForm],
  ["doctor", diagnosesForm],
  ["test-results", testResultsForm],
] as const)("schema/%s.schema.json is made of the form that is written and read", async (name, form) => {
  const ofName = { id: `urn:baleen:schema:${name}:1`, title: `Baleen ${name.replace("-", " ")}` };
  const path = `../../../schema/${name}.schema.json`;
  await expect(formatJson(jsonSchemaOf(form, ofName))).toMatchFileSnapshot(path);
});
