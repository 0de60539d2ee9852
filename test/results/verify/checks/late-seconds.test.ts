/** Who limited a run follows from the seconds of both tables. */
import { expect, test } from "vitest";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { evidenceOf, judgeRun } from "../../../../src/results/analysis/verdict/verdict.ts";
import { checkVerdicts } from "../../../../src/results/verify/checks/verdict.ts";
import { Findings } from "../../../../src/results/verify/contents/findings.ts";
import { quietEnvironment } from "../../sample-environments.ts";
import { generatorLimitedRun } from "../../sample-results.ts";
import { contentsOf } from "../contents.ts";

/** Three seconds with late sends, in two of which others kept the machine busy. */
const rows = [300, 1, 310, 290].map((late, second) => ({
  line: second + 2,
  values: { second, lateness_p99_ms: late },
}));
const hostRows = [0.5, 0.5, 0.5, 0.05].map((backgroundRatio, second) => ({
  host: "coordinator",
  second,
  backgroundRatio,
}));

function runWith(lateSeconds: RunResult["evidence"]["lateSeconds"], limitedBy?: "machine" | "generator") {
  const run = {
    ...generatorLimitedRun,
    parameters: { ...generatorLimitedRun.parameters, durationSecs: 4 },
    nodes: [],
    environment: quietEnvironment,
    evidence: { ...generatorLimitedRun.evidence, lateSeconds },
  };
  const { status, reasons } = judgeRun(evidenceOf(run), run.parameters.limits);
  return { ...run, verdict: { status, reasons, limitedBy } };
}

function wrongKeys(run: RunResult): readonly string[] {
  const number = run.benchmarkNumber;
  const findings = new Findings();
  const seconds = new Map([[number, rows]]);
  checkVerdicts(contentsOf({ runs: [run], seconds, hostSeconds: new Map([[number, hostRows]]) }), findings);
  return findings.differences.map(({ key }) => key);
}

test("what follows agrees, and so does a run of an earlier version, which says nothing of it", () => {
  expect(wrongKeys(runWith({ late: 3, disturbed: 2 }, "machine"))).toEqual([]);
  expect(wrongKeys(runWith(undefined))).toEqual([]);
});

test.each([
  ["another cause", runWith({ late: 3, disturbed: 2 }, "generator"), ["verdict.limited_by"]],
  [
    "fewer disturbed seconds",
    runWith({ late: 3, disturbed: 1 }, "generator"),
    ["evidence.late_seconds.disturbed"],
  ],
  ["no late seconds", runWith(undefined, "generator"), ["evidence.late_seconds"]],
])("is found: %s", (_, run, keys) => {
  expect(wrongKeys(run)).toEqual(keys);
});
