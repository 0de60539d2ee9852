import { expect, test } from "vitest";
import type { RunResult } from "../../../../src/contracts/results/result.ts";
import { checkObservers } from "../../../../src/results/verify/checks/clients.ts";
import { Findings } from "../../../../src/results/verify/contents/findings.ts";
import { observerRuns } from "../../sample-observers.ts";
import { validRun } from "../../sample-results.ts";
import { contentsOf } from "../contents.ts";

function wrongKeys(...runs: readonly RunResult[]): readonly string[] {
  const findings = new Findings();
  checkObservers(contentsOf({ runs }), findings);
  return findings.differences.map(({ key }) => key);
}

test("what an observer says of itself has to fit what the run saw", () => {
  const run = observerRuns.polled;
  const { observer } = run;
  if (observer === undefined) throw new Error("the sample has an observer");
  const changed = (changes: Partial<typeof observer>) =>
    wrongKeys({ ...run, observer: { ...observer, ...changes } });
  expect(wrongKeys(run, observerRuns["slow-observer"], validRun)).toEqual([]);
  expect(changed({ transactions: run.observedInWindow - 1 })).toEqual(["observer.transactions"]);
  expect(changed({ blocks: 0 })).toEqual(["observer.blocks"]);
  expect(changed({ loopDelayP99Ms: 8.08 })).toEqual(["observer.loop_delay_p99_ms"]);
  expect(changed({ polled: [{ node: "nobody", everyMs: 20 }] })).toEqual(["observer.polled"]);
});

test("where commits could not be observed, nobody watched them", () => {
  expect(wrongKeys({ ...observerRuns.polled, latencyKind: "response" })).toEqual(["observer.transactions"]);
});
