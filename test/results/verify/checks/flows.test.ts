import { expect, test } from "vitest";
import type { FlowFigures } from "../../../../src/contracts/results/native/flows.ts";
import type { NativeResult } from "../../../../src/contracts/results/native/native.ts";
import { checkNativeFigures } from "../../../../src/results/verify/checks/native.ts";
import { Findings } from "../../../../src/results/verify/contents/findings.ts";
import { flowsLines, flowsRun } from "../../sample-flows.ts";
import { contentsOf } from "../contents.ts";

const figures = flowsRun.figures.flows as FlowFigures;

function differences(lines: string | undefined, run: NativeResult = flowsRun): string[] {
  const findings = new Findings();
  const files = new Map(lines === undefined ? [] : [["peer-events-1.ndjson", lines]]);
  checkNativeFigures(contentsOf({ files, nativeRuns: [run] }), findings);
  return findings.differences.map(({ file, key }) => `${file}: ${key}`);
}

test("all figures of flows follow from what the hosts told", () => {
  expect(differences(flowsLines)).toEqual([]);
});

test("a figure that was changed is found, and so is a line", () => {
  const [flow] = figures.flows;
  const [handover] = figures.handovers;
  if (flow === undefined || handover === undefined) throw new Error("none");
  const withFlows = (changes: Partial<FlowFigures>) => ({
    ...flowsRun,
    figures: { ...flowsRun.figures, flows: { ...figures, ...changes } },
  });
  const falsified = [
    withFlows({ flows: [{ ...flow, longestGapMs: 50 }] }),
    withFlows({ handovers: [{ ...handover, interruptionMs: 5 }] }),
    withFlows({ kept: figures.kept.map((one) => ({ ...one, keptRatio: 1 })) }),
  ];
  for (const run of falsified) expect(differences(flowsLines, run).join()).toMatch(/results\.flows\./);
  expect(differences(flowsLines.replace('"via":"c","metric":96', '"via":"b","metric":96'))).not.toEqual([]);
  expect(differences(flowsLines.replace('"secs":4.4,', '"secs":4.3,'))).not.toEqual([]);
});

test("a file that is not there, or has a line that is none, is found", () => {
  expect(differences(undefined)).toContain("peer-events-1.ndjson: the file");
  expect(differences(`${flowsLines}{"type":"other"}\n`)).toEqual(["peer-events-1.ndjson: a line"]);
});
