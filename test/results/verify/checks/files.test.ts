import { expect, test } from "vitest";
import { checkFiles } from "../../../../src/results/verify/checks/files.ts";
import { keptHistograms } from "../../../../src/results/verify/checks/latencies.ts";
import { secondsLogOf } from "../../../../src/results/verify/checks/seconds.ts";
import { Findings } from "../../../../src/results/verify/contents/findings.ts";
import { validRun } from "../../sample-results.ts";
import { contentsOf } from "../contents.ts";

function findingsWith(...others: readonly string[]) {
  const own = [secondsLogOf(validRun), ...keptHistograms(validRun).map(({ path }) => path)];
  const files = new Map([...own, ...others].map((path) => [path, ""]));
  const findings = new Findings();
  checkFiles(contentsOf({ files: files.set("environment.json", "{}\n"), runs: [validRun] }), findings);
  return findings.differences.map(({ file }) => file);
}

test("a run that did not finish may leave its histograms, since they are saved before its file", () => {
  expect(findingsWith("histograms/2-seconds.hlog", "histograms/2-commit.hlog")).toEqual([]);
});

test("a histogram that belongs to no run, and to none that could have begun, is told", () => {
  const strangers = ["histograms/3-commit.hlog", "histograms/1-other.hlog", "histograms/20-seconds.hlog"];
  expect(findingsWith(...strangers)).toEqual(strangers);
});
