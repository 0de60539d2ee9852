import { testResultsForm } from "../../../contracts/peer-tests/results.ts";
import type { NativeFigures, NativeResult } from "../../../contracts/results/native/native.ts";
import { readForm } from "../../../core/documents/check-form.ts";
import { describeError } from "../../../core/errors.ts";
import { figuresOfRoutines, routineFigures } from "../../analysis/routines/figures.ts";
import { routineUse } from "../../analysis/routines/use.ts";
import { testResultsFile } from "../../bundle/writer.ts";
import type { Contents } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/** The figures of a run's routines, computed again from the results of its test. */
export function figuresFromTest(
  run: NativeResult,
  { files, findings }: { readonly files: Contents["files"]; readonly findings: Findings },
): NativeFigures {
  const { durationSecs } = run.parameters;
  const file = testResultsFile(run.benchmarkNumber);
  const complain = (found: string) => findings.in(file).add("the file", found, "the results of the test");
  try {
    const text = files.get(file);
    if (text === undefined) complain("none");
    const test =
      text === undefined ? { id: "none", dataPoints: [] } : readForm(testResultsForm, JSON.parse(text));
    const peers = run.nodes.map(({ name }) => name);
    const use = routineUse({ ...run.parameters, peers, windowSecs: durationSecs });
    return figuresOfRoutines(routineFigures(test, use), durationSecs);
  } catch (error) {
    complain(describeError(error));
    return run.figures;
  }
}
