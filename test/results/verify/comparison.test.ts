import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
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
