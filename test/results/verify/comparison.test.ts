import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { comparePair } from "../../../src/results/analysis/comparison/explain-links.ts";
import { writeComparison } from "../../../src/results/bundle/comparison-files.ts";
import { formatComparison } from "../../../src/results/report/blocks/comparison.ts";
import { Findings } from "../../../src/results/verify/contents/findings.ts";
import { checkComparison } from "../../../src/results/verify/verify.ts";
import { runOf } from "../sample-comparisons.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import { contentsOf } from "./contents.ts";

const side = { contents: contentsOf({ files: new Map([["summary.json", "{}\n"]]), runs: [runOf()] }) };

test("two whole sweeps without a comparison agree: one of them may have been gone on with", async () => {
  await using temporary = await makeTemporaryFolder();
  const findings = new Findings();
  expect(await checkComparison(temporary.path, { local: side, remote: side }, findings)).toBe(false);
  expect(findings.differences).toEqual([]);
});

test("half a comparison is told", async () => {
  await using temporary = await makeTemporaryFolder();
  await writeFile(join(temporary.path, "comparison.txt"), "in words\n");
  const findings = new Findings();
  expect(await checkComparison(temporary.path, { local: side, remote: side }, findings)).toBe(true);
  expect(findings.differences).toMatchObject([{ file: "comparison.json", key: "it" }]);
});

test("why links were not explained is taken as it stands; all else follows from the runs", async () => {
  await using temporary = await makeTemporaryFolder();
  const sideIn = (name: "local" | "remote") => ({ path: name, networkType: name, runs: side.contents.runs });
  const sides = { local: sideIn("local"), remote: sideIn("remote") };
  const comparison = comparePair({ ...sides, unexplained: "the engine ended" });
  const text = `${formatComparison(comparison)}\n`;
  await writeComparison(temporary.path, comparison, { text, page: "" });
  const findings = new Findings();
  const parts = { local: side, remote: side, linked: side };
  expect(await checkComparison(temporary.path, parts, findings)).toBe(true);
  expect(findings.differences).toEqual([]);
});
