import { expect, test } from "vitest";
import { InvalidArgumentError } from "../../../src/core/errors.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { runSweep, type SweepDependencies } from "../../../src/run/sweep/sweep.ts";
import { sweepParameters } from "../../results/sample-results.ts";
import { counters } from "../counting-nodes.ts";

test("a sweep that sends is refused to a system whose nodes make the load, before anything is deployed", async () => {
  const protocol = { ...mysticeti, native: counters };
  // Nothing else of them is looked at.
  const dependencies = { protocol } as unknown as SweepDependencies;
  await expect(runSweep(sweepParameters, dependencies)).rejects.toThrow(InvalidArgumentError);
  await expect(runSweep(sweepParameters, dependencies)).rejects.toThrow(
    /Give the sweep workload: nativeWorkload/,
  );
});
